import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import type { Probe } from '@gateway/testing/haproxy';

/** The readiness probe and the drain time of a Deployment in `deploy/kubernetes`, so that what is tested is what is deployed. */
export function probesOf(name: string): { readiness: Probe; drainMs: string } {
  const text = readFileSync(path.join(checkoutDir, `deploy/kubernetes/${name}.yaml`), 'utf8');
  const readiness =
    /readinessProbe:\n\s+httpGet: \{ path: (?<path>\S+), port: metrics \}\n\s+periodSeconds: (?<period>\d+)\n\s+timeoutSeconds: (?<timeout>\d+).*\n\s+failureThreshold: (?<failures>\d+)/;
  const found = readiness.exec(text)?.groups;
  const drainMs = /name: DRAIN_MS, value: "(\d+)"/.exec(text)?.[1];
  if (!found || !drainMs) throw new Error(`deploy/kubernetes/${name}.yaml has no readiness probe or no DRAIN_MS that can be read`);
  const probe = {
    path: found.path?.replace(/,$/, '') ?? '',
    periodSeconds: Number(found.period),
    timeoutSeconds: Number(found.timeout),
    failureThreshold: Number(found.failures),
  };
  return { readiness: probe, drainMs };
}
