/** What was answered survives: the whole process tree, database included, is killed while clients write. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { afar } from './clinic-day.ts';
import { treeOf } from './process-tree.ts';
import { freePort, type Product, startProduct } from './product.ts';
import { losses, makePatient, nothingAnswered, writeAndKill } from './writers.ts';

let data: string;
let port: string;
let product: Product;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'afar-durable-'));
  port = String(await freePort());
  product = await startProduct({ data, env: { AFAR_PORT: port } });
});

afterAll(async () => {
  await product?.stop();
  await rm(data, { recursive: true, force: true });
});

it('kill -9 of server and database during writes loses nothing that was answered', async () => {
  const started = Date.now();
  const answered = nothingAnswered();
  const patient = await makePatient(product);
  for (let round = 0; round < 2; round++) {
    expect(await writeAndKill(product, patient, answered)).toBeGreaterThan(3);
    product = await startProduct({ data, env: { AFAR_PORT: port } });
  }
  expect(answered.requests.size).toBeGreaterThanOrEqual(40);
  expect(await losses(product, answered, started)).toEqual([]);
});

it('the audit chain is whole after the kills', async () => {
  const { code, output } = await afar(product, 'audit', 'verify');
  expect(code === 0 ? '' : output).toBe('');
  expect(output).not.toBe('');
});

it('SIGTERM drains and leaves no process behind', async () => {
  const pids = treeOf(product.pid, data);
  expect(pids.length).toBeGreaterThan(3);
  expect(await product.stop()).toBe(0);
  expect(treeOf(product.pid, data)).toEqual([]);
  product = await startProduct({ data, env: { AFAR_PORT: port } });
});
