import type { WorldResult } from './run-world.ts';
import type { WorldOptions } from './world.ts';

type Run = (options: WorldOptions) => Promise<WorldResult>;

/** What a finding says, without the ids and numbers that differ from run to run. */
const kindOf = (finding: string): string =>
  (finding.split('\n', 1)[0] as string).replace(/(?:pos-|pay_)[0-9a-z]{26}|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d+/g, '#');

/**
 * Finds a story as short as possible that still fails in the same way: the same seed runs again, each time without one more of the things
 * that it made happen. What is left is needed for the failure. Stories of a few dozen things take a second.
 */
export async function shrink(run: Run, failed: WorldResult): Promise<{ result: WorldResult; options: WorldOptions }> {
  const kinds = new Set(failed.findings.map(kindOf));
  const isSame = ({ findings }: WorldResult): boolean => findings.some((finding) => kinds.has(kindOf(finding)));
  let best: { result: WorldResult; options: WorldOptions } = { result: failed, options: { seed: failed.seed } };
  const attempt = async (options: WorldOptions): Promise<boolean> => {
    const result = await run(options);
    if (isSame(result)) best = { result, options };
    return isSame(result);
  };
  await attempt({ seed: failed.seed, isEven: true });
  for (let isShorter = true; isShorter; ) {
    isShorter = false;
    for (const { name } of [...best.result.disturbances].reverse()) {
      if (best.options.without?.has(name)) continue;
      const without = new Set([...(best.options.without ?? []), name]);
      if (await attempt({ ...best.options, without })) isShorter = true;
    }
  }
  return best;
}

/** A failed world for people to read: what is wrong, the shortest story, and the command that repeats it. */
export function report({ result, options }: { result: WorldResult; options: WorldOptions }): string {
  const isShrunk = (options.without?.size ?? 0) > 0 || options.isEven === true;
  const findings = result.findings.map((finding) => `  ${finding}`);
  return [
    `World ${result.seed} breaks ${findings.length === 1 ? 'a rule' : `${findings.length} rules`}:`,
    ...findings,
    isShrunk ? 'The shortest story that still does:' : 'Its story:',
    ...result.story,
    `repeat with: npm run soak:worlds -- --only ${result.seed}`,
  ].join('\n');
}
