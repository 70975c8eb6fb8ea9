import { type Admission, type AdmittedCreate, createAdmission } from './admission.ts';

let nowMs: number;
let busyPart: number;
let admission: Admission;
let warnings: string[];
beforeEach(() => {
  [nowMs, busyPart, warnings] = [0, 0, []];
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  admission = createAdmission({ log, now: () => nowMs, utilization: () => busyPart });
});

const admitted = (count: number, tenant = 'a'): AdmittedCreate[] => Array.from({ length: count }, () => admission.admit(tenant));
const isRefused = (tenant = 'a'): boolean => {
  try {
    admission.admit(tenant).end();
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'rate_limited', extras: { retryAfter: 1 } });
    return true;
  }
};

/** For a second one create ends every ten milliseconds, after this long in the gateway's own hands. The number in progress stays the same. */
function oneSecond({ ownMs, providerMs = 50 }: { ownMs: number; providerMs?: number }): void {
  for (const end = nowMs + 1_000; nowMs < end; nowMs += 10) {
    const create = admission.admit('b');
    create.stored(Math.min(ownMs, 20));
    create.shown(ownMs, providerMs);
    create.end();
  }
}

it('refuses no create while creates are made in time, however many wait for a provider', () => {
  admitted(5_000);
  oneSecond({ ownMs: 30, providerMs: 9_000 });
  expect(isRefused()).toBe(false);
});

it('refuses what would wait too long, once even the fastest create of a moment was late', () => {
  admitted(100);
  expect(isRefused()).toBe(false);
  oneSecond({ ownMs: 400 });
  expect(isRefused()).toBe(true);
});

it('one create in time shows that the others had to wait for something of their own', () => {
  admitted(100);
  for (; nowMs < 2_000; nowMs += 10) {
    const create = admission.admit('b');
    create.shown(nowMs % 50 === 0 ? 20 : 4_000, 50);
    create.end();
  }
  expect(isRefused()).toBe(false);
});

it('refuses when the process has no time left, before a create is late', () => {
  admitted(100);
  busyPart = 0.99;
  nowMs += 60;
  expect(isRefused()).toBe(true);
});

it('refuses no create while few are in progress, also on a machine that is slow', () => {
  admitted(63);
  busyPart = 1;
  oneSecond({ ownMs: 4_000 });
  expect(isRefused()).toBe(false);
});

it('a tenant that floods the gateway leaves the others their share', () => {
  admitted(200, 'flood');
  busyPart = 1;
  nowMs += 60;
  expect(isRefused('flood')).toBe(true);
  expect(isRefused('neighbour')).toBe(false);
  admitted(31, 'neighbour');
  expect(isRefused('neighbour')).toBe(false);
  admitted(1, 'neighbour');
  expect(isRefused('neighbour')).toBe(true); // half of 64 is a share of two
});

it('a tenant that was refused leaves the others half of the time, as long as they have creates in progress', () => {
  const flood = admitted(100, 'flood');
  busyPart = 1;
  nowMs += 60;
  expect(isRefused('flood')).toBe(true);
  for (const create of flood.splice(40)) create.end();
  expect(isRefused('flood')).toBe(false); // alone it may have 64
  admitted(1, 'neighbour');
  expect(isRefused('flood')).toBe(true); // beside others it may have 32
  expect(isRefused('neighbour')).toBe(false);
  admitted(10, 'third');
  expect(isRefused('third')).toBe(false); // never refused, so it is not limited before 64 are in progress
});

it('refuses before a body is read what it would refuse afterwards, and counts nothing', () => {
  admission.refuseEarly('a');
  admitted(64);
  busyPart = 1;
  nowMs += 60;
  expect(() => admission.refuseEarly('a')).toThrow('Try again in a second');
  expect(() => admission.refuseEarly('b')).not.toThrow();
  expect(isRefused('b')).toBe(false); // the calls before are not counted
});

it('tells the log once for each time in which creates are refused, and nothing when none is', () => {
  busyPart = 1;
  admitted(63);
  nowMs += 60;
  expect(isRefused()).toBe(false);
  expect(warnings).toEqual([]);
  admitted(1);
  for (let times = 0; times < 3; times++) expect(isRefused()).toBe(true);
  expect(warnings).toEqual(['new payments are made late, and those that would wait too long are refused']);
});

it('allows more again when creates are made in time, and everything after two seconds without a refusal', () => {
  const inProgress = admitted(100);
  busyPart = 1;
  nowMs += 60;
  expect(isRefused()).toBe(true);
  busyPart = 0;
  for (const create of inProgress.splice(0, 20)) create.end(); // 80 are in progress, and 64 may be
  const waitUntilAllowed = (): number => {
    const since = nowMs;
    while (isRefused()) nowMs += 60;
    return nowMs - since;
  };
  expect(waitUntilAllowed()).toBeGreaterThan(60);
  nowMs += 2_100;
  admitted(5_000);
  expect(isRefused()).toBe(false);
});
