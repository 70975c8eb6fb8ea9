import { type Books, msOf, quantile, readBooks, rightQrs, twoDaysLater } from './failover/books.ts';
import { everythingTold } from './failover/outputs.ts';
import { type Promised, type Seen, type Sickness, sicknesses } from './failover/sicknesses.ts';
import { openWard, scale, type Visit, type Ward } from './failover/ward.ts';

/** `npm run soak:failover [-- --first=xendit --rows=hangs,none]`: the table in full; without `--first` both ways round. */
const directions = (
  [
    ['midtrans', 'xendit'],
    ['xendit', 'midtrans'],
  ] as const
).filter(([first]) => (process.env.SOAK_FIRST ?? (scale.isFull ? first : 'midtrans')) === first);

beforeAll(() => {
  if (scale.isFull) process.stdout.write('| sickness | of | right QRs | tills waited | what was promised |\n|---|---|---|---|---|\n');
});

describe.each(directions)('%s first, then %s', (first, second) => {
  let ward: Ward;
  beforeAll(async () => {
    ward = await openWard(first, second);
  }, 60_000);
  afterAll(() => ward?.close());

  it.each(sicknesses)(
    '$name',
    async (sickness) => {
      await ward.wellAgain();
      const seen = await suffer(ward, sickness);
      const wellMs = await ward.wellAgain();
      const ended = await twoDaysLater(ward, [...seen.healthy, ...seen.visits]);
      const right = rightQrs(seen.visits, seen.books);
      const promised: Promised[] = [
        ...sickness.promises(seen),
        [`well again in ${Math.round(wellMs)} ms`, !scale.isFull || wellMs <= scale.restMs + 3_000],
        [`${ended.unended} attempts without end`, ended.unended === 0],
        [`${ended.standing} orphans standing`, ended.standing === 0],
        [`I3, I8: ${ended.broken.join(', ') || 'hold'}`, ended.broken.length === 0],
        [`${right} right QRs`, right === seen.visits.filter(({ answer }) => answer.status === 201).length],
        [`${right} of ${seen.visits.length}`, sickness.everyoneServed === false || right === seen.visits.length],
      ];
      note(sickness, seen, right, promised);
      expect(promised.filter(([, kept]) => !kept).map(([what]) => what)).toEqual([]);
    },
    180_000 + scale.payments * 1_000,
  );

  it('nobody was ever told a QR that was not on display', async () => {
    const { rows } = await ward.house.pos.query<{ qr: string }>('select qr_string as qr from gateway.payments where qr_string is not null');
    const displayed = new Set(rows.map(({ qr }) => qr));
    const unseen = (await ward.house.simulator.charges()).flatMap(({ qr_string }) => qr_string ?? []).filter((qr) => !displayed.has(qr));
    const told = await everythingTold(ward);
    expect(unseen.length).toBeGreaterThan(0);
    expect(unseen.filter((qr) => told.includes(qr))).toEqual([]);
    expect([...displayed].some((qr) => told.includes(qr))).toBe(true); // we would have seen it
  });
});

async function suffer(ward: Ward, sickness: Sickness): Promise<Seen> {
  const healthy = await ward.serve(scale.warmUp, sickness.outlets);
  const heard = ward.news.length;
  await sickness.befall(ward);
  const stop = sickness.meanwhile?.(ward);
  const visits = await ward.serve(scale.payments, sickness.outlets);
  stop?.();
  await ward.house.simulator.heal();
  const books: Books = await readBooks(ward, visits);
  const news = ward.news.slice(heard).filter(({ account, kind }) => kind === 'create' && account.startsWith(`${ward.first}/`));
  return { ward, healthy, visits, books, news };
}

/** One row of the table, as soon as it is known. */
function note({ name }: Sickness, { ward, healthy, visits }: Seen, right: number, promised: Promised[]): void {
  if (!scale.isFull) return;
  const served = visits.filter(({ answer }) => answer.status === 201);
  const quantiles = (of: Visit[]) => `p50 ${quantile(msOf(of), 0.5)}, p99 ${quantile(msOf(of), 0.99)} ms`;
  const words = promised.map(([what, kept]) => (kept ? what : `NOT KEPT: ${what}`));
  process.stdout.write(
    `| ${name} | ${ward.first} | ${right}/${visits.length} | ${quantiles(served.length > 0 ? served : visits)} (healthy: ${quantiles(healthy)}) | ${words.join('; ')} |\n`,
  );
}
