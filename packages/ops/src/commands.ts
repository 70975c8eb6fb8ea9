import { verbs } from '@gateway/operations';
import type { Command } from './cli.ts';
import { commandOf } from './command-of-verb.ts';

const commandsOf = (program: 'ops' | 'keys'): readonly Command[] => verbs.filter((verb) => verb.program === program).map(commandOf);

export const opsCommands = commandsOf('ops');
export const keyCommands = commandsOf('keys');
