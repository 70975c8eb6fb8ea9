import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'deploy/kubernetes');
const kustomization = parse(readFileSync(path.join(folder, 'kustomization.yaml'), 'utf8')) as {
  resources: string[];
  configMapGenerator: { name: string; literals: string[] }[];
};

interface Probe {
  httpGet: { path: string; port: string };
}
interface Container {
  name: string;
  image: string;
  command: string[];
  env?: { name: string; value?: string }[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  livenessProbe: Probe;
  readinessProbe: Probe;
  securityContext: object;
}
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    selector: { matchLabels: Record<string, string> };
    scaleTargetRef?: { name: string };
    template: { metadata: { labels: object }; spec: { containers: Container[]; terminationGracePeriodSeconds: number } };
  };
}

const manifests = kustomization.resources.flatMap((file) =>
  parseAllDocuments(readFileSync(path.join(folder, file), 'utf8')).map((document) => document.toJS() as Manifest),
);
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const named = (kind: string, name: string) => ofKind(kind).find(({ metadata }) => metadata.name === name) as Manifest;
const containerOf = ({ spec }: Manifest) => spec.template.spec.containers[0] as Container;

/** Validates against the JSON schema of its kind. @throws with the path of the first mistake */
async function validate(manifest: { apiVersion: string; kind: string }): Promise<void> {
  const module = await import(`kubernetes-models/${manifest.apiVersion.replace('networking/', 'networking.k8s.io/')}/${manifest.kind}`);
  new module[manifest.kind](manifest).validate();
}

describe('the manifests for Kubernetes', () => {
  it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    '%s fits its schema',
    async (_, manifest) => {
      await validate(manifest);
    },
  );

  it('that do not fit a schema are found', async () => {
    const wrong = structuredClone(named('Deployment', 'api')) as unknown as { spec: { replicas: unknown } } & Manifest;
    wrong.spec.replicas = 'two';
    await expect(validate(wrong)).rejects.toThrow(/replicas/);
  });

  it('are all part of the kustomization', () => {
    expect([...kustomization.resources, 'kustomization.yaml'].sort()).toEqual(readdirSync(folder).sort());
  });

  it.each(['api', 'worker', 'notifier'])(
    '%s gets traffic while it serves, is restarted only when its event loop stands still, and may be disrupted one by one',
    (name) => {
      const deployment = named('Deployment', name);
      const { livenessProbe, readinessProbe, securityContext } = containerOf(deployment);
      expect(livenessProbe.httpGet).toEqual({ path: '/health/live', port: 'metrics' });
      expect(readinessProbe.httpGet).toEqual({ path: '/health/serving', port: 'metrics' });
      expect(securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(deployment.spec.template.metadata.labels).toEqual(deployment.spec.selector.matchLabels);
      expect(named('PodDisruptionBudget', name).spec.selector).toEqual(deployment.spec.selector);
      if (name !== 'notifier') expect(named('HorizontalPodAutoscaler', name).spec.scaleTargetRef?.name).toBe(name);
      const drainMs = Number(containerOf(deployment).env?.find((variable) => variable.name === 'DRAIN_MS')?.value ?? 0);
      expect(deployment.spec.template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(drainMs + 8_000);
    },
  );

  it('run programs of the image, with secrets by reference and documented variables only', () => {
    const documented = readFileSync(path.join(root, 'docs/deployment.md'), 'utf8');
    for (const manifest of [...ofKind('Deployment'), ...ofKind('Job')]) {
      const { command, env = [], envFrom } = containerOf(manifest);
      expect(existsSync(path.join(root, (command[1] as string).replace('/dist/', '/src/').replace('.js', '.ts')))).toBe(true);
      expect(envFrom).toContainEqual({ secretRef: { name: 'gateway-secrets' } });
      const literals = kustomization.configMapGenerator.flatMap((each) => each.literals.map((line) => line.split('=', 1)[0] as string));
      for (const variable of [...literals, ...env.map((each) => each.name)]) {
        expect(documented).toContain(`\`${variable}\``);
        expect(variable).not.toMatch(/(_KEY|_TOKEN|_DATABASE_URL|_MIGRATE_URL|REDIS_URL|PASSWORD|_USERS)$/);
      }
    }
    expect(ofKind('Secret')).toEqual([]);
  });

  it('deny every connection that no policy names', () => {
    expect(named('NetworkPolicy', 'deny-all').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });
});
