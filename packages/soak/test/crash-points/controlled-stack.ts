import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkoutDir } from '@gateway/testing/checkout';
import { currentRun } from '@gateway/testing/database/test-run';
import { type FailurePlan, planFile, stepsFile, takenPlanFile } from '@gateway/testing/stack/step-control';
import { serviceFiles, startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { Program } from './steps.ts';

/** A whole product whose processes write down their steps, and fail at a step when told to. */
export interface ControlledStack {
  stack: TestStack;
  /** Plans a failure, which happens once. */
  plan(plan: FailurePlan): void;
  /** The process id of the process that failed as planned. Null: none came to the step yet. */
  failedProcess(): number | null;
  /** Takes back a plan that no process came to. */
  forgetPlan(): void;
  /** The steps so far, since the stack was ready: `worker⇥attempt-begin`. */
  reachedSteps(): Set<string>;
}

export async function startControlledStack(environment: NodeJS.ProcessEnv = {}): Promise<ControlledStack> {
  const dir = path.join(currentRun().dir, `steps-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  const fileOf = (name: string) => path.join(dir, name);
  const program = (name: Program): string => {
    const file = fileOf(`${name}.mjs`);
    writeFileSync(file, wrapperOf(name, dir));
    return file;
  };
  const programs = { ...serviceFiles, api: program('api'), worker: program('worker'), notifier: program('notifier') };
  const stack = await startTestStack({ programs, environment });
  return {
    stack,
    plan: (plan) => {
      rmSync(fileOf(takenPlanFile), { force: true });
      writeFileSync(fileOf('plan.new'), JSON.stringify(plan));
      renameSync(fileOf('plan.new'), fileOf(planFile));
    },
    failedProcess: () => {
      const taken = existsSync(fileOf(takenPlanFile)) ? readFileSync(fileOf(takenPlanFile), 'utf8').split('\n')[1] : undefined;
      return taken ? Number(taken) : null;
    },
    forgetPlan: () => rmSync(fileOf(planFile), { force: true }),
    reachedSteps: () => new Set(readFileSync(fileOf(stepsFile), 'utf8').split('\n').filter(Boolean)),
  };
}

/** The program of the product, after the control of its steps. */
const wrapperOf = (
  name: Program,
  dir: string,
): string => `import { controlSteps } from '${pathToFileURL(path.join(checkoutDir, 'packages/testing/src/stack/step-control.ts'))}';
controlSteps('${name}', ${JSON.stringify(dir)});
await import('${pathToFileURL(serviceFiles[name])}');
`;
