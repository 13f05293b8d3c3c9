/** The gate before the twin worlds: with the policy taken out of any one hop, they must notice. A test that no leak fails is none. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import type { Ask } from './corpus.ts';
import type { Twins } from './twins.ts';

/** Where the policy is taken out now, and every place that was seen asking for it. */
const mutant = vi.hoisted(() => ({
  site: undefined as string | undefined,
  seen: new Set<string>(),
}));

vi.mock('../scoped.ts', async (original) => {
  const real = await original<typeof import('../scoped.ts')>();
  const siteOf = (): string => {
    const frames = new Error().stack!.split('\n').slice(2);
    const frame = frames.find((one) => !/mutation-gate|scoped\.ts/.test(one)) ?? '';
    const place = /(?:at (?:async )?([\w.<>]+) \()?[^(]*records\/([^\s?:]+\.ts)/.exec(frame);
    return place ? `${place[2]} ${place[1] ?? 'at load'}` : frame;
  };
  const opened = (table = ''): boolean => {
    const site = siteOf() + table;
    mutant.seen.add(site);
    return site === mutant.site;
  };
  const openRow = '(r.tenant = k.tenant and r.type = k.type)';
  const scoped: typeof real.scoped = (type, alias, caller, params, options) => {
    const table = real.scoped(type, alias, caller, params, options);
    if (!opened(options?.table === 'history' ? ', history' : '')) return table;
    const tenant = params.once('tenant', caller.tenant);
    const types = params.add([...table.types]);
    return {
      ...table,
      // The policy still stands in the text, so that every parameter keeps its type; it no longer decides.
      where: `(${alias}.tenant = ${tenant} and ${alias}.type = any(${types}::text[]) and (true or ${table.where}))`,
    };
  };
  const scopedPoints: typeof real.scopedPoints = (points) => {
    const { table, values } = real.scopedPoints(points);
    return {
      // Whoever takes the values only has asked for the policy somewhere else.
      get table() {
        return opened()
          ? { ...table, from: table.from.replace(real.callersTable.where, openRow) }
          : table;
      },
      values,
    };
  };
  return {
    ...real,
    scoped,
    scopedPoints,
    callersTable: {
      row: real.callersTable.row,
      get where() {
        return opened() ? openRow : real.callersTable.where;
      },
    },
  };
});

vi.mock('../checks.ts', async (original) => {
  const real = await original<typeof import('../checks.ts')>();
  const gone = () => mutant.site === 'content';
  const inScope: typeof real.inScope = (...asked) => gone() || real.inScope(...asked);
  const requireInScope: typeof real.requireInScope = (...asked) =>
    gone() ? undefined : real.requireInScope(...asked);
  const hasGranularScope: typeof real.hasGranularScope = (...asked) =>
    !gone() && real.hasGranularScope(...asked);
  return { ...real, inScope, requireInScope, hasGranularScope };
});

/** Where there is nothing to hide from anybody who comes by. */
const open: Record<string, string> = {
  'import/importing.ts': 'asks as the house itself',
  'walk/walk.ts': 'lists the patients of a caller with the wildcard, who sees them all',
  'walk/statements.ts alongType':
    'walks types that are open to the role; exports of whole types are the exchange room’s, and tested there',
};
const isOpen = (site: string) => Object.keys(open).some((one) => site.startsWith(one));

let first: Twins | undefined;
afterAll(() => first?.close());

/** The corpus through a program that was loaded with the mutant in it. */
async function noticed(site: string | undefined, asks: 'questions' | 'deeds', on?: Twins) {
  mutant.site = site;
  vi.resetModules();
  const { openTwins } = await import('./twins.ts');
  const corpus = await import('./corpus.ts');
  const { askers } = await import('./people.ts');
  const twins = await openTwins(on);
  try {
    const list: readonly Ask[] = corpus[asks];
    for (const caller of Object.values(askers())) {
      const found = await twins.differences(caller, list, 1);
      if (found.length > 0) return found[0];
    }
    return (await twins.touched())[0];
  } finally {
    await twins.close();
  }
}

it('fails for every hop that has lost its policy', { timeout: 600_000 }, async () => {
  const { openTwins } = await import('./twins.ts');
  first = await openTwins();
  expect(await noticed(undefined, 'questions', first)).toBeUndefined();
  expect(await noticed(undefined, 'deeds')).toBeUndefined();
  const sites = [...mutant.seen].sort();
  const unnoticed: string[] = [];
  for (const site of sites) {
    if (isOpen(site)) continue;
    const found = (await noticed(site, 'questions', first)) ?? (await noticed(site, 'deeds'));
    if (found === undefined) unnoticed.push(site);
  }
  expect(unnoticed).toEqual([]);
  expect(askedBy(sites)).toEqual([]);
});

it('fails for every role and token that has lost its rule on content', async () => {
  mutant.site = 'content';
  vi.resetModules();
  const { openTwins } = await import('./twins.ts');
  const { aimed } = await import('./aimed.ts');
  const { askersByRole } = await import('./roles.ts');
  const twins = await openTwins(first);
  try {
    const callers = askersByRole();
    const blind: string[] = [];
    for (const name of ['resident', 'pharmacist', 'herself', 'proxy', 'guest', 'app'])
      if ((await twins.differences(callers[name]!, aimed, 1)).length !== 1) blind.push(name);
    expect(blind).toEqual([]);
  } finally {
    await twins.close();
  }
}, 120_000);

/** Files that name the policy's doors and were never seen at one. */
function askedBy(sites: readonly string[]): string[] {
  const root = join(import.meta.dirname, '..');
  return globSync('**/*.ts', { cwd: root })
    .filter(
      (file) => !/(^|\/)(testing|twin-worlds|node_modules)\/|\.test\.ts$|^scoped\.ts$/.test(file),
    )
    .filter((file) =>
      /import \{[^}]*\b(scoped|scopedPoints|callersTable)\b[^}]*\} from '[./]+\/scoped\.ts'/.test(
        readFileSync(join(root, file), 'utf8'),
      ),
    )
    .filter((file) => !isOpen(file) && !sites.some((site) => site.startsWith(file)));
}
