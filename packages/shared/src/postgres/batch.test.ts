import { batched, columnsOf } from './batch.ts';
import type { Queryable } from './queryable.ts';

const db = {} as Queryable; // no statement is sent
const refused = Object.assign(new Error('one row is wrong'), { code: '23514', severity: 'ERROR' });
const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

/** Doubles numbers, and notes which were asked for together. */
function doubling(answer: (inputs: readonly number[]) => readonly (number | undefined)[] = (inputs) => inputs.map((n) => n * 2)) {
  const asked: number[][] = [];
  const double = batched<number, number>({
    keyOf: (n) => n,
    ask: async (_, inputs) => {
      asked.push([...inputs]);
      return answer(inputs);
    },
  });
  return { double, asked };
}

describe('calls of one iteration of the event loop', () => {
  it('are one statement, and each gets its own answer', async () => {
    const { double, asked } = doubling();
    expect(await Promise.all([double(db, 1), double(db, 2), double(db, 3)])).toEqual([2, 4, 6]);
    expect(asked).toEqual([[1, 2, 3]]);
  });

  it('are a statement for each database', async () => {
    const { double, asked } = doubling();
    await Promise.all([double(db, 1), double({} as Queryable, 2)]);
    expect(asked).toEqual([[1], [2]]);
  });

  it('are two statements when they have the same key', async () => {
    const { double, asked } = doubling();
    expect(await Promise.all([double(db, 1), double(db, 1)])).toEqual([2, 2]);
    expect(asked).toEqual([[1], [1]]);
  });

  it('are at most fifty in one statement', async () => {
    const { double, asked } = doubling();
    await Promise.all(Array.from({ length: 51 }, (_, n) => double(db, n)));
    expect(asked.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([1, 50]);
  });

  it('are asked for alone when the statement leaves them out', async () => {
    const { double, asked } = doubling((inputs) => inputs.map((n) => (inputs.length > 1 && n === 2 ? undefined : n * 2)));
    expect(await Promise.all([double(db, 1), double(db, 2)])).toEqual([2, 4]);
    expect(asked).toEqual([[1, 2], [2]]);
  });

  it('are asked for alone when the server refuses the statement, so that one cannot fail the others', async () => {
    const { double } = doubling((inputs) => {
      if (inputs.includes(2)) throw refused;
      return inputs.map((n) => n * 2);
    });
    const outcomes = await Promise.allSettled([double(db, 1), double(db, 2), double(db, 3)]);
    expect(outcomes).toMatchObject([{ value: 2 }, { reason: refused }, { value: 6 }]);
  });

  it('fail together when the connection is lost, because the statement may have written', async () => {
    const { double, asked } = doubling(() => {
      throw lost;
    });
    const outcomes = await Promise.allSettled([double(db, 1), double(db, 2)]);
    expect(outcomes).toMatchObject([{ reason: lost }, { reason: lost }]);
    expect(asked).toEqual([[1, 2]]);
  });
});

it('a call of a later iteration is a statement of its own', async () => {
  const { double, asked } = doubling();
  await double(db, 1);
  await double(db, 2);
  expect(asked).toEqual([[1], [2]]);
});

it('the values of several inputs are one array for each parameter', () => {
  expect(
    columnsOf([
      [1, 'a'],
      [2, 'b'],
    ]),
  ).toEqual([
    [1, 2],
    ['a', 'b'],
  ]);
});
