/**
 * Proof: the database is killed, held up and left without disk under writing clients, over and over; every refusal is a 503 that says
 * when to come back, nothing answered is missing, and the server is never started again. The disk needs the right to mount.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afar } from '../clinic-day.ts';
import { fillDisk, holdDatabase, killDatabase, mountSmall } from '../faults.ts';
import { startProduct } from '../product.ts';
import { losses, makePatient, nothingAnswered, writeThrough } from '../writers.ts';

const rounds = Number(process.env.AFAR_PROOF_ROUNDS ?? 5);
const data = await mkdtemp(join(tmpdir(), 'afar-faults-'));
/** Room for the cluster, its archive and some more: what is left is filled. */
const unmount = mountSmall(data, 900);
let failed = false;
try {
  const product = await startProduct({ data, env: { AFAR_DB_POOL: '4' } });
  const started = Date.now();
  const patient = await makePatient(product);
  const faults: [string, () => Promise<void>][] = [
    ['database killed', () => killDatabase(product)],
    ['database stands still for 8 s', () => holdDatabase(product, 8_000)],
    ['disk full for 6 s', () => fillDisk(data, 6_000)],
  ];
  for (let round = 1; round <= rounds; round++)
    for (const [name, fault] of faults) {
      const answered = nothingAnswered();
      const from = performance.now();
      await writeThrough(product, patient, answered, fault);
      const lost = await losses(product, answered, started);
      const seconds = ((performance.now() - from) / 1000).toFixed(1);
      const wrong = [...answered.statuses.keys()].filter(
        (status) => !/^(20[01]|503 with Retry-After)$/.test(status),
      );
      const said = [...answered.statuses].map(([status, n]) => `${n} x ${status}`).join(', ');
      console.log(`round ${round}, ${name}: ${said}; missing: ${lost.length}; ${seconds} s`);
      for (const one of [...lost, ...wrong]) console.log(`  ${one}`);
      failed ||= lost.length > 0 || wrong.length > 0;
    }
  const chain = await afar(product, 'audit', 'verify');
  console.log(chain.output.trim());
  failed ||= chain.code !== 0;
  await product.stop();
} finally {
  unmount();
  await rm(data, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
