import { createHash } from 'node:crypto';
import { orderChannel } from '@gateway/shared/queue';
import { newSecret, storeIdPattern } from '@gateway/shared/runtime';
import type { Command } from './cli.ts';
import { UsageError } from './command-error.ts';

/**
 * All that a screen may do: hear its own channel. No key, no other channel (PSUBSCRIBE is not among the commands, since a pattern
 * could hear others), and nothing to say. AUTH and HELLO need no leave.
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
      throw new UsageError(`invalid store id ${JSON.stringify(storeId)}: expected 1 to 64 of A-Z a-z 0-9 _ . -`);
    const user = `screen-${storeId}`;
    const password = newSecret();
    const acl = `ACL SETUSER ${user} reset on >${password} ${rights(storeId)}`;
    const usersAcl = `user ${user} on #${createHash('sha256').update(password).digest('hex')} ${rights(storeId)}`;
    const channel = orderChannel(storeId);
    return {
      json: { user, password, channel, acl, users_acl: usersAcl },
      text: `In redis-cli (again with another password to change it; ACL SAVE keeps it, where there is an ACL file):

  ${acl}

or a line of users.acl, which holds the password's hash only:

  ${usersAcl}

The screen connects as ${user} and says SUBSCRIBE ${channel}. Its password is shown once.`,
    };
  },
};
