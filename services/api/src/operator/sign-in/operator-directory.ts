import { readFile } from 'node:fs/promises';
import { fingerprintOf, type Logger, type OperatorUser, operatorUsers } from '@gateway/shared/runtime';

/** The users of OPERATOR_USERS. */
export interface OperatorDirectory {
  all(): readonly OperatorUser[];
  find(name: string): OperatorUser | null;
  /** Reads the file again. Resolves with true when the users are others than before. */
  refresh(): Promise<boolean>;
}

/** Each user with the fingerprint of the present password. */
export const fingerprints = (directory: OperatorDirectory) =>
  directory.all().map((user) => ({ name: user.name, fingerprint: fingerprintOf(user) }));

/**
 * @param users as they were at the start of the process
 * @param file of OPERATOR_USERS_FILE: it is read again, so that the sessions of a user who is removed there end without a restart; null: the users stay
 */
export function createOperatorDirectory(users: readonly OperatorUser[], file: string | null, log: Logger): OperatorDirectory {
  let current = users;
  let lastText: string | null = null;
  return {
    all: () => current,
    find: (name) => current.find((each) => each.name === name) ?? null,
    refresh: async () => {
      if (file === null) return false;
      const text = await readFile(file, 'utf8').catch(() => null); // a secret that is being replaced: the next time it is there again
      if (text === null || text === lastText) return false;
      lastText = text;
      const parsed = operatorUsers().safeParse(text.replace(/\r?\n$/, ''));
      if (parsed.success) current = parsed.data;
      else log.error({ reason: parsed.error.issues[0]?.message }, 'OPERATOR_USERS_FILE is invalid, users stay as they were');
      return parsed.success;
    },
  };
}
