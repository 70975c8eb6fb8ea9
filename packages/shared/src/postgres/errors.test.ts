import { hasSqlState, isConnectionLoss, isNewConnectionDelayed, isStalePlan, isTransient, sqlState } from './errors.ts';

const postgresError = (code: string, fields: object = {}) =>
  Object.assign(new Error('as PostgreSQL words it'), { severity: 'ERROR', code, ...fields });
const networkError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('a failed transaction', () => {
  it.each([
    ['a serialization failure', postgresError('40001')],
    ['a deadlock', postgresError('40P01')],
    ['a lock timeout', postgresError('55P03')],
    ['a class of ours that carries a retryable SQLSTATE', Object.assign(new Error('the order is locked'), { code: '55P03' })],
    ['a statement timeout', postgresError('57014')],
    ['a stale plan', postgresError('0A000', { routine: 'RevalidateCachedQuery' })],
    ['a server that stops', postgresError('57P01')],
    ['a server without a free connection', postgresError('53300')],
    ['a connection that idled too long in a transaction', postgresError('25P03')],
    ['a refused connection', networkError('ECONNREFUSED')],
    ['a broken connection', new Error('Connection terminated unexpectedly')],
    ['a broken connection, as Knex words it', new Error('select 1 - Connection terminated unexpectedly')],
    ['a pool that gave no connection in time', new Error('timeout exceeded when trying to connect')],
  ])('may be repeated after %s', (_, error) => {
    expect(isTransient(error)).toBe(true);
  });

  it.each([
    ['a unique violation', postgresError('23505')],
    ['an unknown column', postgresError('42703')],
    ['an error that a trigger raised', postgresError('P0001')],
    ['an error of ours', new Error('payment pay_1 not found')],
    ['a thrown null', null],
  ])('is not repeated after %s', (_, error) => {
    expect(isTransient(error)).toBe(false);
  });
});

describe('a failed statement', () => {
  it('lost its connection only when the network or the server failed', () => {
    expect(['08006', '57P02', '53300', '25P04'].map((code) => isConnectionLoss(postgresError(code)))).toEqual([true, true, true, true]);
    expect(['40001', '55P03', '57014', '23505'].map((code) => isConnectionLoss(postgresError(code)))).toEqual([false, false, false, false]);
  });

  it('has an SQLSTATE only when PostgreSQL reported the error', () => {
    expect(hasSqlState(postgresError('23505'), sqlState.uniqueViolation)).toBe(true);
    expect(hasSqlState(networkError('EPIPE'), 'EPIPE')).toBe(false);
  });

  it('met a stale plan only in the functions of PostgreSQL that look a plan up', () => {
    expect(isStalePlan(postgresError('0A000', { routine: 'RevalidateCachedQuery' }))).toBe(true);
    expect(isStalePlan(postgresError('0A000', { routine: 'exec_stmt_raise' }))).toBe(false);
  });
});

describe('a connection that was not made', () => {
  it.each([
    ['was too late', new Error('timeout expired')],
    ['got no answer in time', new Error('Query read timeout')],
    ['was one more than the server allows', postgresError('53300')],
    ['met a network that answered nothing', networkError('ETIMEDOUT')],
  ])('and %s says little of those that are open', (_, error) => {
    expect(isNewConnectionDelayed(error)).toBe(true);
  });

  it.each([
    ['because nothing listens', networkError('ECONNREFUSED')],
    ['because the server starts or stops', postgresError('57P03')],
    ['because the password is wrong', postgresError('28P01')],
  ])('%s says that no other one would be', (_, error) => {
    expect(isNewConnectionDelayed(error)).toBe(false);
  });
});
