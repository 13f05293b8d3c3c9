/** Which systems are loaded, and the value sets that came with them. */
import type { Db } from '@afar/platform';
import type { CodeSource } from '../model.ts';
import { TableSystem } from './table-system.ts';
import type { SystemRow } from './table-system.ts';

export interface LoadedSet {
  readonly url: string;
  readonly title: string;
  readonly codes: string[];
  readonly source: CodeSource;
}

export interface Catalogue {
  systems(url: string): Promise<CodeSource[]>;
  urls(): Promise<string[]>;
  set(url: string): Promise<LoadedSet | undefined>;
}

/**
 * How long a process goes on without asking again, ms. A replaced version is dropped only after that
 * (`graceMs` of the loader), so that nobody looks into an emptied table.
 */
export const catalogueMs = 1_000;

export function createCatalogue(db: Db, now: () => number): Catalogue {
  let known: { at: number; byId: Promise<Map<number, TableSystem>> } | undefined;

  async function ask(): Promise<Map<number, TableSystem>> {
    const { rows } = await db.query<SystemRow>({
      name: 'terminology.systems',
      text: `select id, url, version, name, language, kind, concepts, hierarchical, properties, loaded
             from terminology.code_system where state = 'ready' order by id`,
      inLine: true,
    });
    return new Map(rows.map((row) => [row.id, new TableSystem(db, row)]));
  }

  function all(): Promise<Map<number, TableSystem>> {
    if (known && now() - known.at < catalogueMs && now() >= known.at) return known.byId;
    const asked = { at: now(), byId: ask() };
    // What failed is asked again.
    asked.byId.catch(() => known === asked && (known = undefined));
    known = asked;
    return asked.byId;
  }

  return {
    systems: async (url) => [...(await all()).values()].filter((one) => one.url === url),
    urls: async () => [...new Set([...(await all()).values()].map((one) => one.url))],
    async set(url) {
      const systems = await all();
      if (systems.size === 0) return undefined;
      const { rows } = await db.query<{ system: number; title: string; codes: string[] }>({
        name: 'terminology.set',
        text: `select system, title, codes from terminology.value_set where url = $1 order by system desc`,
        values: [url],
        inLine: true,
      });
      const found = rows.find((row) => systems.has(row.system));
      return (
        found && { url, title: found.title, codes: found.codes, source: systems.get(found.system)! }
      );
    },
  };
}
