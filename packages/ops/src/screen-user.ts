import { createHash } from 'node:crypto';
import { orderChannel } from '@gateway/shared/queue';
import { newSecret, storeIdPattern } from '@gateway/shared/runtime';
import type { Command } from './cli.ts';
import { terminalUsageError } from './terminal-error.ts';

/**
 * The ACL rules of a screen: it may subscribe to its own channel only. It has no keys and may not publish. PSUBSCRIBE is not
 * allowed, because a pattern could match other channels. AUTH and HELLO need no rule.
 */
const rights = (storeId: string): string => `resetkeys resetchannels &${orderChannel(storeId)} -@all +subscribe +unsubscribe +ping`;

export const screenUser: Command = {
  words: 'user',
  usage: '<store_id>',
  description:
    'Generates a Redis user that receives the orders of one store and can do nothing else. Changes nothing: it prints the commands for Redis.',
  positionals: 1,
  options: {},
  run: async (args) => {
    const storeId = args.positional('the id of the store');
    if (!storeIdPattern.test(storeId))
      throw terminalUsageError(`invalid store id ${JSON.stringify(storeId)}: expected 1 to 64 of A-Z a-z 0-9 _ . -`);
    const user = `screen-${storeId}`;
    const password = newSecret();
    const acl = `ACL SETUSER ${user} reset on >${password} ${rights(storeId)}`;
    const usersAcl = `user ${user} on #${createHash('sha256').update(password).digest('hex')} ${rights(storeId)}`;
    const channel = orderChannel(storeId);
    return {
      json: { user, password, channel, acl, users_acl: usersAcl },
      text: `In redis-cli (run it again with another password to change it; ACL SAVE stores it when Redis has an ACL file):

  ${acl}

or as a line of users.acl, which contains only the hash of the password:

  ${usersAcl}

The screen connects as ${user} and sends SUBSCRIBE ${channel}. Its password is shown once.`,
    };
  },
};
