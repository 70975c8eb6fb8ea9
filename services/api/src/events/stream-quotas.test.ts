import { createStreamCounts } from './stream-quotas.ts';

const quotas = { process: 10, tenant: 5, key: 3, store: 2 };
const owner = (tenant: string, key: string, store: string) => ({ tenant, key, store });

it.each([
  ['store', [owner('t', 'k1', 's1'), owner('t', 'k2', 's1')], owner('t', 'k3', 's1')],
  ['key', [owner('t', 'k1', 's1'), owner('t', 'k1', 's2'), owner('t', 'k1', 's3')], owner('t', 'k1', 's4')],
  ['tenant', [1, 2, 3, 4, 5].map((n) => owner('t', `k${n}`, `s${n}`)), owner('t', 'k6', 's6')],
])('one %s has a quota of streams, others are not affected, and an ended stream makes room', (quota, open, next) => {
  const counts = createStreamCounts(quotas);
  const [leave] = open.map((each) => counts.enter(each));
  expect(() => counts.enter(next)).toThrow(`of one ${quota}`);
  counts.enter(owner('other', 'other', 's1')); // the same store id at another tenant
  leave?.();
  counts.enter(next);
});

it('one events-only key cannot take all streams of a process from the other tenants', () => {
  const counts = createStreamCounts({ ...quotas, store: 100 });
  for (let n = 0; n < 3; n++) counts.enter(owner('t', 'events-only', 's'));
  for (let n = 0; n < 50; n++) expect(() => counts.enter(owner('t', 'events-only', 's'))).toThrow('At most 3 open streams of one key');
  for (let n = 0; n < 3; n++) counts.enter(owner('other', `k${n}`, 's'));
});
