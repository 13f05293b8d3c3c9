/** Proof: ten times every process is killed while clients write, and nothing that was answered is missing. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afar } from '../clinic-day.ts';
import { freePort, startProduct } from '../product.ts';
import { losses, makePatient, nothingAnswered, writeAndKill } from '../writers.ts';

const rounds = 10;
const data = await mkdtemp(join(tmpdir(), 'afar-kill-'));
const port = String(await freePort());
const started = Date.now();
const answered = nothingAnswered();
let product = await startProduct({ data, env: { AFAR_PORT: port } });
const patient = await makePatient(product);
for (let round = 1; round <= rounds; round++) {
  const killed = await writeAndKill(product, patient, answered);
  const from = performance.now();
  product = await startProduct({ data, env: { AFAR_PORT: port } });
  const back = ((performance.now() - from) / 1000).toFixed(1);
  console.log(
    `round ${round}: ${killed} processes killed, ${answered.requests.size} requests answered so far, ready again after ${back} s`,
  );
}
const lost = await losses(product, answered, started);
const whole = [...answered.bundles.values()].filter(Boolean).length;
console.log(
  `${answered.single.size} creates and ${whole} of ${answered.bundles.size} transactions were answered; missing: ${lost.length}`,
);
for (const one of lost) console.log(one);
const chain = await afar(product, 'audit', 'verify');
console.log(chain.output.trim());
await product.stop();
await rm(data, { recursive: true, force: true });
process.exit(lost.length > 0 || chain.code !== 0 ? 1 : 0);
