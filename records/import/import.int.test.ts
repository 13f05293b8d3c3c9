/** Every Synthea file imports; counts and searches equal a naive look at the files; a second run changes nothing. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemCaller } from '@afar/access';
import type { Bundle, Resource } from '@afar/fhir';
import { testStore } from '../search/testing.ts';
import type { TestStore } from '../search/testing.ts';
import { importFiles } from './import-files.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'synthea');
const files = globSync('*.json', { cwd: folder }).sort();

describe.runIf(existsSync(folder))('Synthea', () => {
  let store: TestStore;
  const all = new Map<string, Resource>();
  beforeAll(async () => {
    store = await testStore();
    for (const file of files) {
      const bundle = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Bundle;
      for (const { fullUrl, resource } of bundle.entry ?? []) all.set(fullUrl!, resource!);
    }
  });
  afterAll(() => store?.close());

  it('imports every file, and again without a change', { timeout: 300_000 }, async () => {
    const paths = files.map((file) => join(folder, file));
    const t0 = performance.now();
    const report = await importFiles(store.records, paths);
    console.log('import', report.imported, ((performance.now() - t0) / 1000).toFixed(1), 's');
    expect(report.failed).toEqual([]);
    expect(report.waiting).toEqual([]);
    const expected: Record<string, number> = {};
    for (const { resourceType } of all.values())
      expected[resourceType] = (expected[resourceType] ?? 0) + 1;
    expect(report.byType).toEqual(expected);
    for (const [type, n] of Object.entries(expected)) {
      const caller = systemCaller(1, store.clock, 'test');
      const { total } = await store.records.search(caller, type, [['_summary', 'count']]);
      expect([type, total]).toEqual([type, n]);
    }
    const again = await importFiles(store.records, paths);
    expect(again).toMatchObject({ imported: 0, waiting: [], failed: [] });
  });
});
