import { verbs } from '@gateway/operations';
import { runCommand } from '../test/run-command.ts';
import { keyCommands, opsCommands } from './commands.ts';

describe('the list of verbs', () => {
  it('is what npm run ops and npm run keys dispatch, with the fields of each verb and its reason', async () => {
    for (const [program, commands] of [
      ['ops', opsCommands],
      ['keys', keyCommands],
    ] as const) {
      const { out } = await runCommand(commands, ['--help'], {});
      const expected = verbs.filter((verb) => verb.program === program);
      expect(commands).toHaveLength(expected.length);
      for (const { words, fields, reason, description } of expected) {
        const usage = out.split('\n').find((line) => line.startsWith(`  npm run it -- ${words.replace(/^keys /, '')} `.trimEnd())) ?? '';
        for (const [name, { positional, kind, placeholder }] of Object.entries(fields))
          expect(usage).toContain(positional === null ? `--${name}${kind === 'secret' ? '-file' : ''}` : `<${placeholder}>`);
        expect([words, usage.includes('--reason')]).toEqual([words, reason !== 'none']);
        expect(out).toContain(description.en.split('\n')[0]);
      }
    }
  });
});
