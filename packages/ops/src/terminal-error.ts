import { CommandError, same, UsageError } from '@gateway/operations';

/** An error that only the command line shows: in English. */
export const terminalError = (text: string, options?: ErrorOptions): CommandError => new CommandError(same(text), options);

/** The same, with the usage after it. */
export const terminalUsageError = (text: string): UsageError => new UsageError(same(text));
