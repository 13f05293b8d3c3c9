/** One-time codes [RFC 6238] by `otpauth`; a code works once. */
import { Secret, TOTP } from 'otpauth';

const period = 30;

const totp = (secret: string, label = ''): TOTP =>
  new TOTP({ issuer: 'Afar', label, secret: Secret.fromBase32(secret), period, digits: 6 });

/** A new secret of 160 bits, base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The `otpauth://` link an authenticator app scans. */
export function totpUri(secret: string, email: string): string {
  return totp(secret, email).toString();
}

/**
 * The counter a code belongs to, one step to either side for clocks that differ; undefined when wrong.
 * The caller must refuse a counter that is not above the last one accepted [RFC 6238 5.2].
 */
export function totpCounter(secret: string, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totp(secret).validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? undefined : Math.floor(now / 1000 / period) + delta;
}

/** The code of an instant: for tests and the demo. */
export function totpCode(secret: string, now: number): string {
  return totp(secret).generate({ timestamp: now });
}
