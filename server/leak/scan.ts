/** The whole scan: what to look for, and where. */
import { demoClinic } from '@afar/demo';
import { openDb } from '@afar/platform';
import type { Bundle, Resource } from '@afar/fhir';
import type { Finding } from './finding.ts';
import { createMatcher } from './matcher.ts';
import { needlesOf, type Needle } from './needles.ts';
import { scanFiles } from './scan-files.ts';
import { scanTables } from './scan-tables.ts';

/** The one file that names people on purpose. */
export const exemptFiles = ['keys', 'demo-accounts.json'];
/** Terminology says what a code means, for nobody in particular. None is stored yet. */
export const exemptTables: readonly string[] = [];

/** The demo clinic that was loaded here, as of the instant it was made; nothing when there is none. */
async function demoNeedles(ownerUrl: string): Promise<{ resources: Resource[]; more: Needle[] }> {
  const db = openDb(ownerUrl, { max: 1, application: 'afar-leak-scan' });
  try {
    const { rows } = await db.query<{ value: string }>(
      `select value from platform.mark where name = 'demo'`,
    );
    if (!rows[0]) return { resources: [], more: [] };
    const { now } = JSON.parse(rows[0].value) as { now: number };
    const clinic = demoClinic(now);
    return {
      resources: clinic.bundles.flatMap((one) => one.entry!.map((entry) => entry.resource!)),
      more: [
        ...clinic.accounts.flatMap(({ key, name, email }) => [
          { text: name, from: `account ${key} name`, name: true },
          { text: email, from: `account ${key} email` },
        ]),
        ...clinic.bookings.map(({ reason, patient }) => ({
          text: reason,
          from: `booking of ${patient}`,
        })),
      ],
    };
  } finally {
    await db.close();
  }
}

export interface LeakScan {
  findings: Finding[];
  needles: number;
  tables: number;
  rows: number;
  files: number;
  bytes: number;
}

/**
 * Looks for everything the demo clinic, the given bundles and `more` tell about anybody: in every table through
 * `ownerUrl`, and in every byte of the data folder.
 */
export async function leakScan(options: {
  ownerUrl: string;
  /** A role that may read PostgreSQL's own statistics too. */
  adminUrl: string;
  data: string;
  bundles?: Bundle[];
  more?: Needle[];
}): Promise<LeakScan> {
  const demo = await demoNeedles(options.ownerUrl);
  const imported = (options.bundles ?? []).flatMap((one) =>
    (one.entry ?? []).flatMap((entry) => entry.resource ?? []),
  );
  const needles = needlesOf(
    [...demo.resources, ...imported],
    [...demo.more, ...(options.more ?? [])],
  );
  const matcher = createMatcher(needles);
  const tables = await scanTables(options.adminUrl, exemptTables, matcher);
  const files = scanFiles(options.data, exemptFiles, matcher);
  return {
    findings: [...tables.findings, ...files.findings],
    needles: needles.length,
    tables: tables.tables.length,
    rows: tables.rows,
    files: files.files,
    bytes: files.bytes,
  };
}

/** One line a place and element, with how often: never the text that was found. */
export function summary(findings: readonly Finding[]): string[] {
  const counts = new Map<string, number>();
  for (const { needle, encoding, where } of findings) {
    const line = `${where.replace(/ at \d+$/, '')}: ${needle.from} (${encoding})`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line}, ${count} times`));
}
