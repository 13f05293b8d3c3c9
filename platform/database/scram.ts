/** SCRAM-SHA-256 verifiers, so that a password itself never travels in a statement that a server might log. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** What PostgreSQL stores for a password [RFC 5802 3; PostgreSQL protocol, SCRAM]. The password must be ASCII. */
export function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  // 4,096 rounds: PostgreSQL's own default; these passwords are 256 random bits, so more would guard nothing.
  const rounds = 4096;
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const server = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${server}`;
}
