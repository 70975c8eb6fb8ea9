import { type Charge, checkQris, rupiah } from '@gateway/shared/payment';
import { createProviders, type ProviderAccount, type ProviderEnvironment, providerKind, type QrisProvider } from '@gateway/shared/provider';
import { type Clock, createLogger, plusMs } from '@gateway/shared/runtime';
import { codeWords } from '../codes.ts';
import { same, type Words } from '../words.ts';
import { causeOf, reasonOf } from './cause-of.ts';
import { type Cause, causes, NotProven, type ProofStep, type StepName, stepNames } from './proof-step.ts';
import { startTimeBudget, type TimeBudget } from './time-budget.ts';
import { newProofReference, tryAddress, type WebhookProofDeps, type WebhookWatch, watchWebhooks } from './webhook-proof.ts';

const amount = rupiah(1_000);
const cancelMs = 8_000; // also when no time is left: the charge that was made must end
const maxSkewMs = 60_000;

export interface ProofDeps extends Omit<WebhookProofDeps, 'account' | 'address' | 'budget'> {
  account: ProviderAccount;
  providers: ProviderEnvironment;
  /** Null when PUBLIC_URL is not set: the webhook cannot be proven. */
  address: string | null;
  /** Asked before the charge is made in live mode. */
  confirm: () => Promise<boolean>;
  /** After that long no further call is made, except to cancel the charge, milliseconds. */
  limitMs: number;
  /** Called after each step. */
  onStep: (step: ProofStep) => void;
  clock: Clock;
}

export interface Proof {
  /** Null: every step that is possible was proven. */
  cause: Cause | null;
  steps: ProofStep[];
}

/** Tries one thing after the other, and stops at the first that fails. Its charge is cancelled, whatever follows. */
export async function proveAccount(deps: ProofDeps): Promise<Proof> {
  const instances = createProviders({ clock: deps.clock, log: createLogger('ops', 'silent') });
  const steps: ProofStep[] = [];
  const add = (step: StepName, verdict: ProofStep['verdict'], detail: Words, advice: Words | null = null) => {
    steps.push({ step, verdict, detail, advice });
    deps.onStep({ step, verdict, detail, advice });
  };
  let cause: Cause | null = null;
  try {
    await runSteps({
      ...deps,
      budget: startTimeBudget(deps.limitMs),
      provider: instances.of(deps.account),
      proven: (step, detail) => add(step, 'proven', detail),
      skipped: (step, detail) => add(step, 'skipped', detail),
    });
  } catch (error) {
    if (!(error instanceof NotProven)) throw error;
    cause = error.reason;
    add(error.step, 'failed', error.detail, causes[error.reason]);
    const tried = new Set(steps.map(({ step }) => step));
    for (const step of stepNames) if (!tried.has(step)) add(step, 'skipped', { en: 'not tried', id: 'tidak dicoba' });
  } finally {
    await instances.close();
  }
  return { cause, steps };
}

const answered = (error: unknown): Words => ({
  en: `the provider answered: ${reasonOf(error)}`,
  id: `penyedia menjawab: ${reasonOf(error)}`,
});

interface Run extends ProofDeps {
  budget: TimeBudget;
  provider: QrisProvider;
  proven: (step: StepName, detail: Words) => void;
  skipped: (step: StepName, detail: Words) => void;
}

async function runSteps(run: Run): Promise<void> {
  await proveCredentials(run);
  run.proven('credentials', { en: 'the provider accepts the key', id: 'penyedia menerima kuncinya' });
  run.proven('clock', await proveClock(run));
  run.proven('mode', same(proveMode(run)));
  if (run.account.mode === 'live' && !(await run.budget.pausedFor(run.confirm())))
    throw new NotProven('charge', 'not_confirmed', {
      en: 'the charge of Rp 1,000 in live mode was not confirmed',
      id: 'tagihan Rp 1.000 dalam mode live tidak dikonfirmasi',
    });
  const watch = run.address === null ? null : await watchWebhooks({ ...run, address: run.address });
  try {
    const charge = await proveCharge(run);
    if (watch) await proveWebhook(run, watch, charge);
    else run.skipped('webhook', { en: 'PUBLIC_URL is not set here', id: 'PUBLIC_URL tidak diatur di sini' });
  } finally {
    watch?.close();
  }
}

async function proveCharge(run: Run): Promise<Charge> {
  const charge = await create(run);
  run.proven('qris', { en: 'QRIS is activated', id: 'QRIS aktif' });
  run.proven('charge', { en: `${charge.reference} of Rp 1,000`, id: `${charge.reference} sebesar Rp 1.000` });
  try {
    run.proven('qr', readQr(run, charge));
  } finally {
    await cancel(run, charge);
  }
  run.proven('cancel', { en: 'the charge is cancelled', id: 'tagihannya dibatalkan' });
  return charge;
}

async function proveWebhook(run: Run, watch: WebhookWatch, charge: Charge): Promise<void> {
  const own = await tryAddress({ account: run.account, address: run.address ?? '' });
  const reference = providerKind(run.account.provider).reportsNewCharges ? charge.reference : await payAnother(run);
  if (reference === null)
    return run.skipped('webhook', {
      en: 'this provider sends its first webhook with a payment: pay a QR of Rp 1,000 with a phone, as docs/go-live.md says',
      id: 'penyedia ini mengirim webhook pertamanya bersama pembayaran: bayar QR Rp 1.000 dengan ponsel, seperti di docs/go-live.id.md',
    });
  run.proven('webhook', await watch.wait(reference, own));
}

async function proveCredentials(run: Run): Promise<void> {
  const key = { reference: newProofReference(), providerChargeId: null };
  try {
    await run.provider.findCharge(key, run.budget.callSignal());
  } catch (error) {
    const found = causeOf(error);
    if (found === 'wrong_key' && hasPrefixOfOtherMode(run.account)) throw otherMode(run.account);
    if (found === 'account_refused' && (await worksWithoutSubAccount(run))) throw unknownSubAccount(run.account);
    throw new NotProven('credentials', found, answered(error));
  }
}

/** Whether the key works for the account itself. Then only the sub-account is refused, whatever code the provider answers with. */
async function worksWithoutSubAccount({ account, clock, budget }: Run): Promise<boolean> {
  if (account.forUserId === undefined) return false;
  const { forUserId: _, ...master } = account;
  const instances = createProviders({ clock, log: createLogger('ops', 'silent') });
  try {
    await instances.of(master).findCharge({ reference: newProofReference(), providerChargeId: null }, budget.callSignal());
    return true;
  } catch {
    return false;
  } finally {
    await instances.close();
  }
}

const unknownSubAccount = ({ forUserId }: ProviderAccount): NotProven =>
  new NotProven('credentials', 'sub_account_unknown', {
    en: `the key works, and not for the sub-account ${forUserId}`,
    id: `kuncinya berlaku, tetapi tidak untuk sub-akun ${forUserId}`,
  });

/** Compares the time in the provider's answers with ours. */
async function proveClock({ account, clock, budget }: Run): Promise<Words> {
  const answer = await fetch(account.baseUrl, { redirect: 'manual', signal: budget.callSignal() }).catch(() => null);
  await answer?.arrayBuffer().catch(() => {});
  const theirs = Date.parse(answer?.headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return { en: 'the provider states no time', id: 'penyedia tidak menyebut waktu' };
  const skewMs = clock.now().getTime() - theirs;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) > maxSkewMs)
    throw new NotProven('clock', 'clock_skewed', {
      en: `this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the provider`,
      id: `mesin ini ${seconds} detik ${skewMs < 0 ? 'di belakang' : 'di depan'} penyedia`,
    });
  return {
    en: `at most ${Math.max(1, seconds)} s from the provider's`,
    id: `paling banyak ${Math.max(1, seconds)} detik dari jam penyedia`,
  };
}

function hasPrefixOfOtherMode({ provider, mode, secretKey }: ProviderAccount): boolean {
  const { keyPrefixes } = providerKind(provider);
  return !secretKey.startsWith(keyPrefixes[mode]) && secretKey.startsWith(keyPrefixes[mode === 'test' ? 'live' : 'test']);
}

const otherMode = ({ mode, provider }: ProviderAccount): NotProven =>
  new NotProven('mode', 'wrong_mode', {
    en: `the account is in ${mode} mode, and its key does not begin with ${providerKind(provider).keyPrefixes[mode]}`,
    id: `akun ini dalam mode ${mode}, dan kuncinya tidak diawali ${providerKind(provider).keyPrefixes[mode]}`,
  });

/**
 * The beginning of a key shows its mode. An address that belongs to one mode only is stronger evidence: what accepts a key there is that
 * mode. A provider may give out test keys that begin like live ones.
 */
function proveMode({ account, providers }: Run): string {
  const kind = providerKind(account.provider);
  const own = (mode: ProviderAccount['mode']) => kind.defaultsOf({ ...providers, ...withoutAddresses } as never, mode).baseUrl;
  const addressShowsMode = own('test') !== own('live') && account.baseUrl === own(account.mode);
  if (!addressShowsMode && hasPrefixOfOtherMode(account)) throw otherMode(account);
  return account.mode;
}

const withoutAddresses = { MIDTRANS_BASE_URL: undefined, XENDIT_BASE_URL: undefined };

/** @throws NotProven */
async function create(run: Run): Promise<Charge> {
  try {
    return await createWith(run, run.provider);
  } catch (error) {
    const found = causeOf(error);
    const step = found === 'qris_not_active' ? 'qris' : 'charge';
    const isAboutSetup = found === 'qris_not_active' || reasonOf(error) === 'validation';
    const acquirer = isAboutSetup ? await otherAcquirer(run) : null;
    if (acquirer !== null)
      throw new NotProven('qris', 'wrong_acquirer', {
        en: `the provider refuses the acquirer ${run.account.acquirer}, and accepts ${acquirer}`,
        id: `penyedia menolak acquirer ${run.account.acquirer}, dan menerima ${acquirer}`,
      });
    throw new NotProven(step, found, answered(error));
  }
}

/** An acquirer with which a charge can be made; null: none. */
async function otherAcquirer(run: Run): Promise<string | null> {
  const { account, clock } = run;
  const others = providerKind(account.provider).acquirers.filter((acquirer) => acquirer !== account.acquirer);
  for (const acquirer of others) {
    const instances = createProviders({ clock, log: createLogger('ops', 'silent') });
    const provider = instances.of({ ...account, acquirer });
    const charge = await createWith(run, provider).catch(() => null);
    if (charge) await provider.cancelCharge(charge, AbortSignal.timeout(cancelMs)).catch(() => null);
    await instances.close();
    if (charge) return acquirer;
  }
  return null;
}

function createWith({ clock, budget }: Run, provider: QrisProvider): Promise<Charge> {
  const items = [{ name: 'Proof of account', price: amount, quantity: 1 }];
  const request = {
    reference: newProofReference(),
    amount,
    items,
    expiresAt: plusMs(clock.now(), 15 * 60_000),
    description: 'Proof of account',
  };
  return provider.createCharge(request, budget.callSignal());
}

function readQr({ account }: Run, { qrString }: Charge): Words {
  const verdict = checkQris(qrString ?? '', { amount, mode: account.mode });
  if (!verdict.ok)
    throw new NotProven('qr', 'charge_failed', {
      en: `its QR is wrong: ${verdict.problem}, expected ${verdict.expected}`,
      id: `QR-nya salah: ${verdict.problem}, seharusnya ${verdict.expected}`,
    });
  return verdict.parsed
    ? { en: 'checksum, currency, country and amount are right', id: 'checksum, mata uang, negara, dan jumlahnya benar' }
    : { en: 'the text is no QR, as test mode allows', id: 'teksnya bukan QR, yang boleh dalam mode uji' };
}

async function cancel({ provider }: Run, charge: Charge): Promise<void> {
  try {
    const ended = await provider.cancelCharge(charge, AbortSignal.timeout(cancelMs));
    if (ended?.status === 'cancelled') return;
    throw new NotProven('cancel', 'charge_failed', {
      en: `the charge is ${ended?.status ?? 'unknown to the provider'} after it was cancelled`,
      id: `tagihannya ${ended ? codeWords(ended.status).id : 'tidak dikenal penyedia'} setelah dibatalkan`,
    });
  } catch (error) {
    if (error instanceof NotProven) throw error;
    throw new NotProven('cancel', causeOf(error), {
      en: `the charge could not be cancelled (${reasonOf(error)}); it expires in 15 minutes`,
      id: `tagihannya tidak dapat dibatalkan (${reasonOf(error)}); kedaluwarsa dalam 15 menit`,
    });
  }
}

/** Test mode: makes another charge and has it paid, so that a webhook comes. @returns its reference; null where that is not possible */
async function payAnother(run: Run): Promise<string | null> {
  if (run.account.mode === 'live') return null;
  const charge = await create(run);
  try {
    return (await run.provider.payForTest(charge, run.budget.callSignal())) ? charge.reference : null;
  } catch (error) {
    throw new NotProven('webhook', causeOf(error), {
      en: `the payment could not be simulated: ${reasonOf(error)}`,
      id: `pembayarannya tidak dapat disimulasikan: ${reasonOf(error)}`,
    });
  }
}
