/** Passwords and codes: hashed slowly, compared blindly, guessed by nobody. */
import { describe, expect, it } from 'vitest';
import { hashPassword, passwordFault, randomPassword, verifyPassword } from './passwords.ts';
import { newTotpSecret, totpCode, totpCounter, totpUri } from './totp.ts';

describe('passwords', () => {
  it('verify against their hash, and against no other', async () => {
    const hash = await hashPassword('correct horse battery');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await verifyPassword('correct horse battery', hash)).toBe(true);
    expect(await verifyPassword('correct horse batterY', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
    expect(await hashPassword('correct horse battery')).not.toBe(hash);
  });

  it('need the pepper they were made with', async () => {
    const hash = await hashPassword('secret words here', Buffer.from('pepper'));
    expect(await verifyPassword('secret words here', hash, Buffer.from('pepper'))).toBe(true);
    expect(await verifyPassword('secret words here', hash)).toBe(false);
    expect(await verifyPassword('secret words here', hash, Buffer.from('salt'))).toBe(false);
  });

  it('are the same on another keyboard', async () => {
    const hash = await hashPassword('na\u00efve caf\u00e9 owner');
    expect(await verifyPassword('nai\u0308ve cafe\u0301 owner', hash)).toBe(true);
  });

  it('cost the same where there is no account', async () => {
    const hash = await hashPassword('whatever it was');
    const time = async (against: string | undefined): Promise<number> => {
      const from = process.cpuUsage();
      for (let i = 0; i < 5; i++) expect(await verifyPassword('a guess', against)).toBe(false);
      const { user, system } = process.cpuUsage(from);
      return user + system;
    };
    await time(hash);
    const known = await time(hash);
    const unknown = await time(undefined);
    // CPU time, so that a busy machine does not matter; a skipped hash would make this 0.01.
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
    expect(await verifyPassword('', undefined)).toBe(false);
  });

  it('made here are long and differ', () => {
    expect(randomPassword()).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    expect(randomPassword()).not.toBe(randomPassword());
    expect(passwordFault(randomPassword(), [])).toBeUndefined();
  });

  it.each([
    ['short', []],
    ['aaaaaaaaaaaaaa', []],
    ['abcabcabcabcabc', []],
    ['Password1234', []],
    ['greta-lindqvist-1', ['Lindqvist']],
    ['x'.repeat(257), []],
  ])('refuse %s', (password, own) => expect(passwordFault(password, own)).toBeDefined());
});

describe('one-time codes [RFC 6238]', () => {
  // Appendix B, SHA-1, the last six of eight digits.
  const rfc = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [2000000000, '279037'],
  ])('at %d is %s', (seconds, code) => {
    expect(totpCode(rfc, seconds * 1000)).toBe(code);
    expect(totpCounter(rfc, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it('live one step to either side and no longer', () => {
    const secret = newTotpSecret();
    const now = Date.UTC(2026, 10, 21, 9);
    const step = Math.floor(now / 30_000);
    const code = totpCode(secret, now);
    expect(totpCounter(secret, code, now + 30_000)).toBe(step);
    expect(totpCounter(secret, code, now - 30_000)).toBe(step);
    expect(totpCounter(secret, code, now + 60_000)).toBeUndefined();
    expect(totpCounter(secret, code, now - 60_000)).toBeUndefined();
    for (const wrong of ['', '12345', '1234567', 'abcdef', '12 456', '１２３４５６'])
      expect(totpCounter(secret, wrong, now)).toBeUndefined();
  });

  it('are told to an authenticator by a link', () => {
    expect(totpUri(rfc, 'a@b.example')).toContain('otpauth://totp/Afar:a%40b.example?issuer=Afar');
  });
});
