import { isPasswordOf, operatorEntry, operatorRoles, operatorUsers, roleIncludes } from './operator-user.ts';

describe('OPERATOR_USERS', () => {
  it('reads generated entries, and accepts the right password only', async () => {
    const text = `${await operatorEntry('budi', 'admin', 'pass:word')}, ${await operatorEntry('siti.n', 'viewer', 'ayam')}`;
    const [budi, siti] = operatorUsers().parse(text);
    expect([budi?.name, budi?.role, siti?.name, siti?.role]).toEqual(['budi', 'admin', 'siti.n', 'viewer']);
    expect(budi && (await isPasswordOf(budi, 'pass:word'))).toBe(true);
    expect(budi && (await isPasswordOf(budi, 'ayam'))).toBe(false);
  });

  it('knows four roles, each with the rights of those before it', async () => {
    const entries = await Promise.all(operatorRoles.map((role) => operatorEntry(role, role, 'ayam')));
    expect(
      operatorUsers()
        .parse(entries.join(','))
        .map(({ role }) => role),
    ).toEqual(['viewer', 'operator', 'approver', 'admin']);
    expect(operatorRoles.filter((role) => roleIncludes('approver', role))).toEqual(['viewer', 'operator', 'approver']);
  });

  it('is empty when unset', () => {
    expect(operatorUsers().parse(undefined)).toEqual([]);
  });

  it.each([
    ['a plain password', 'budi:admin:supersecret'],
    ['costs below the least of OWASP', 'budi:admin:scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['another role', 'budi:root:scrypt$131072$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a cost that is no power of two', 'budi:admin:scrypt$16000$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a cost that takes too much memory', 'budi:admin:scrypt$1048576$64$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  ])('refuses %s, and does not show it', (_, entry) => {
    const { error } = operatorUsers().safeParse(entry);
    expect(error?.issues[0]?.message).toMatch(/^entry 1 must be/);
    expect(error?.issues[0]?.message).not.toContain('supersecret');
  });

  it('is generated with at least the costs of OWASP', async () => {
    expect(await operatorEntry('budi', 'admin', 'right')).toMatch(/^budi:admin:scrypt\$16384\$8\$5\$/);
  });

  it('refuses the same name twice', async () => {
    const entry = await operatorEntry('budi', 'admin', 'right');
    expect(operatorUsers().safeParse(`${entry},${entry}`).error?.issues[0]?.message).toBe('names an operator twice');
  });
});
