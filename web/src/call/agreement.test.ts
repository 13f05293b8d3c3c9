/** The safety protocol between two honest ends, and with somebody between them. */
import { describe, expect, it } from 'vitest';
import { Agreement, AgreementBroken, codeFromBits } from './agreement.ts';
import { toBase64url } from './bytes.ts';

const visit = '5a0e6c0e-8a4b-4a57-9d38-6a4e7c1f0b11';
const doctor = { peer: 'd', offers: true };
const patient = { peer: 'p', offers: false };

async function exchange(one: Agreement, other: Agreement) {
  const reveals = [
    one.committed((await other.commit()).commitment)!,
    other.committed((await one.commit()).commitment)!,
  ] as const;
  return Promise.all([
    one.revealed(reveals[1].publicKey, reveals[1].nonce),
    other.revealed(reveals[0].publicKey, reveals[0].nonce),
  ]);
}

describe('the safety protocol', () => {
  it('gives both ends the same code and crossed keys [K5-K7]', async () => {
    const [one, other] = await exchange(
      await Agreement.begin(visit, 2, doctor, patient),
      await Agreement.begin(visit, 2, patient, doctor),
    );
    expect(one!.code).toMatch(/^\d{10}$/);
    expect(other!.code).toBe(one!.code);
    const iv = new Uint8Array(12);
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, one!.send, iv);
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, other!.receive, sealed);
    expect(new Uint8Array(opened)).toEqual(iv);
    const swapped = crypto.subtle.decrypt({ name: 'AES-GCM', iv }, one!.receive, sealed);
    await expect(swapped).rejects.toMatchObject({ name: 'OperationError' });
  });

  it('gives different codes when someone swaps the keys', async () => {
    const [toDoctor] = await exchange(
      await Agreement.begin(visit, 2, doctor, patient),
      await Agreement.begin(visit, 2, patient, doctor), // the one between, playing patient
    );
    const [toPatient] = await exchange(
      await Agreement.begin(visit, 2, patient, doctor),
      await Agreement.begin(visit, 2, doctor, patient), // the one between, playing doctor
    );
    expect(toDoctor!.code).not.toBe(toPatient!.code);
  });

  it('differs from epoch to epoch and from visit to visit', async () => {
    const codes = await Promise.all(
      [2, 3].map(async (epoch) => {
        const [one] = await exchange(
          await Agreement.begin(visit, epoch, doctor, patient),
          await Agreement.begin(visit, epoch, patient, doctor),
        );
        return one!.code;
      }),
    );
    expect(codes[0]).not.toBe(codes[1]);
  });

  it('refuses a key chosen after seeing ours [K4]', async () => {
    const honest = await Agreement.begin(visit, 2, doctor, patient);
    const first = await Agreement.begin(visit, 2, patient, doctor);
    const second = await Agreement.begin(visit, 2, patient, doctor);
    honest.committed((await first.commit()).commitment);
    const late = second.committed((await honest.commit()).commitment)!;
    await expect(honest.revealed(late.publicKey, late.nonce)).rejects.toThrow(AgreementBroken);
  });

  it('refuses a reveal without commit, and a commitment of another peer or epoch', async () => {
    const other = await Agreement.begin(visit, 2, patient, doctor);
    const bare = await Agreement.begin(visit, 2, doctor, patient);
    const reveal = other.committed((await bare.commit()).commitment)!;
    await expect(bare.revealed(reveal.publicKey, reveal.nonce)).rejects.toThrow(AgreementBroken);

    const later = await Agreement.begin(visit, 3, doctor, patient);
    later.committed((await other.commit()).commitment);
    await expect(later.revealed(reveal.publicKey, reveal.nonce)).rejects.toThrow(AgreementBroken);
  });

  it('refuses a point that is not on the curve', async () => {
    const honest = await Agreement.begin(visit, 2, doctor, patient);
    const point = new Uint8Array(65).fill(4);
    const nonce = new Uint8Array(32);
    const { commitmentOf } = await import('./agreement.ts');
    honest.committed(toBase64url(await commitmentOf(visit, 2, 'p', point, nonce)));
    await expect(honest.revealed(toBase64url(point), toBase64url(nonce))).rejects.toThrow(
      AgreementBroken,
    );
  });

  it('ignores a second commit and shows its own key only after the first [K3]', async () => {
    const one = await Agreement.begin(visit, 2, doctor, patient);
    const other = await Agreement.begin(visit, 2, patient, doctor);
    const { commitment } = await other.commit();
    expect(one.committed(commitment)).toBeDefined();
    expect(one.committed(commitment)).toBeUndefined();
  });

  it('writes 40 bits as ten digits', () => {
    expect(codeFromBits(new Uint8Array([0, 0, 0, 0, 7]))).toBe('0000000007');
    expect(codeFromBits(new Uint8Array([255, 255, 255, 255, 255]))).toBe('9511627775');
  });
});
