import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../.cache/mutants');
const failures = ['survived', 'wrong', 'unclear'];

/**
 * The verdicts of one run, each written to a file at once, so that a run that was interrupted can go on where it stopped.
 * @param name of the run
 * @param state of the checkout: verdicts about other files are not kept
 * @param resume true: keeps the verdicts of the last run of this name
 */
export function openVerdicts(name, { commit, hash }, resume) {
  const file = path.join(folder, `${name}.jsonl`);
  mkdirSync(folder, { recursive: true });
  const [head, ...lines] =
    resume && existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  const kept = new Map(head?.hash === hash ? lines.map((line) => [line.key, line.verdict]) : []);
  if (kept.size === 0) writeFileSync(file, `${JSON.stringify({ commit, hash })}\n`);
  return {
    of: (mutant) => kept.get(keyOf(mutant)) ?? null,
    add: (mutant, verdict) => appendFileSync(file, `${JSON.stringify({ key: keyOf(mutant), verdict })}\n`),
  };
}

const keyOf = ({ file, text, replacement }) => JSON.stringify([file, text, replacement]);

/** Counts verdicts and prints each that has a note. @param counts all kinds of verdict of this run */
export function startReport(counts) {
  const count = Object.fromEntries(counts.map((each) => [each, 0]));
  const startedAt = performance.now();
  return {
    add(description, verdict) {
      count[verdict.count] += 1;
      if (verdict.note !== null) console.log(`${verdict.count.padEnd(10)}  ${description}\n    ${verdict.note}`);
    },
    /** Prints the last line. @returns the exit code */
    end({ commit }) {
      const total = counts.reduce((sum, each) => sum + count[each], 0);
      const minutes = ((performance.now() - startedAt) / 60_000).toFixed(0);
      const parts = counts.map((each) => `${count[each]} ${each}`).join(', ');
      console.log(`${total} mutants in ${minutes} min at ${commit}: ${parts}`);
      return failures.some((each) => count[each] > 0) ? 1 : 0;
    },
  };
}
