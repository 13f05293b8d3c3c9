/** The database fails under a running product: clients are told to come back, nothing answered is lost, nobody restarts anything. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdDatabase, killDatabase } from './faults.ts';
import { type Product, startProduct } from './product.ts';
import { losses, makePatient, nothingAnswered, writeThrough } from './writers.ts';

let product: Product;
let patient: string;
const started = Date.now();
beforeAll(async () => {
  product = await startProduct({ env: { AFAR_DB_POOL: '4' } });
  patient = await makePatient(product);
});
afterAll(() => product?.stop());

/** Statuses that clients met, apart from success. */
const refusals = (statuses: Map<string, number>) =>
  [...statuses.keys()].filter((status) => !/^20[01]/.test(status));

it('kill -9 of the database alone: 503 with Retry-After, then it serves again', async () => {
  const answered = nothingAnswered();
  await writeThrough(product, patient, answered, () => killDatabase(product));
  for (const status of refusals(answered.statuses)) expect(status).toBe('503 with Retry-After');
  expect(answered.requests.size).toBeGreaterThanOrEqual(40);
  expect(await losses(product, answered, started)).toEqual([]);
});

it('a database that stands still: 503 with Retry-After when the wait is over, then it serves again', async () => {
  const answered = nothingAnswered();
  await writeThrough(product, patient, answered, async () => {
    const held = holdDatabase(product, 8_000);
    // More clients than connections: they must not wait for ever.
    const asked = await Promise.all(
      Array.from({ length: 12 }, () => fetch(`${product.baseUrl}/readyz`)),
    );
    expect(asked.some(({ status }) => status === 503)).toBe(true);
    await held;
  });
  for (const status of refusals(answered.statuses)) expect(status).toBe('503 with Retry-After');
  expect(await losses(product, answered, started)).toEqual([]);
});

it('is the same process all along', async () => {
  expect(() => process.kill(product.pid, 0)).not.toThrow();
  expect((await fetch(`${product.baseUrl}/readyz`)).status).toBe(200);
});
