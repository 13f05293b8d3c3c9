/** The plan of the house as a test: it fails on an import that trespasses. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = import.meta.dirname;

/** What each room may open. Domain rooms meet through FHIR resources and change events only. */
const mayImport: Record<string, string[]> = {
  fhir: [],
  platform: [],
  access: ['fhir', 'platform'],
  records: ['fhir', 'platform', 'access'],
  terminology: ['fhir', 'platform', 'access', 'records'],
  exchange: ['fhir', 'platform', 'access', 'records'],
  visits: ['fhir', 'platform', 'access', 'records'],
  sharing: ['fhir', 'platform', 'access', 'records'],
  enrolment: ['fhir', 'platform', 'access', 'records'],
  messaging: ['fhir', 'platform', 'access', 'records'],
  demo: ['fhir'],
  server: [
    'fhir',
    'platform',
    'access',
    'records',
    'terminology',
    'exchange',
    'visits',
    'sharing',
    'enrolment',
    'messaging',
    'demo',
  ],
  web: ['fhir'],
};

/** Rooms whose wire messages the web app speaks: type-only, through their contract. */
const contracts = [
  '@afar/access/contract',
  '@afar/visits/contract',
  '@afar/sharing/contract',
  '@afar/enrolment/contract',
  '@afar/messaging/contract',
];

const importPattern =
  /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm;

interface Import {
  specifier: string;
  typeOnly: boolean;
}

function importsOf(source: string): Import[] {
  return [...source.matchAll(importPattern)].map((match) => ({
    specifier: (match[2] ?? match[3] ?? match[4])!,
    typeOnly: Boolean(match[1]),
  }));
}

function trespasses(
  room: string,
  file: string,
  { specifier, typeOnly }: Import,
): string | undefined {
  if (specifier.startsWith('.')) {
    const target = relative(root, resolve(dirname(join(root, file)), specifier)).split('/')[0];
    return target === room ? undefined : `${file} reaches into ${target} past its door`;
  }
  if (!specifier.startsWith('@afar/')) return undefined;
  const other = specifier.split('/')[1]!;
  // A contract is types: whoever may open the room, and the web app, may speak its words.
  if (contracts.includes(specifier) && (room === 'web' || mayImport[room]!.includes(other)))
    return typeOnly ? undefined : `${file} imports ${specifier} as code, not as types`;
  const isTest = /\.test\.tsx?$|\/testing(\/|\.ts$)/.test(file);
  if (specifier.split('/').length > 2 && !(isTest && specifier.endsWith('/testing')))
    return `${file} opens ${specifier}: a room has one door`;
  return other === room || mayImport[room]!.includes(other)
    ? undefined
    : `${file} imports ${specifier}`;
}

describe('the rooms of the house', () => {
  for (const room of Object.keys(mayImport)) {
    it(`${room} imports only what its place allows`, () => {
      const files = globSync(`${room}/**/*.{ts,tsx}`, {
        cwd: root,
        exclude: (name) => name.includes('node_modules') || name.endsWith('dist'),
      });
      expect(files.length).toBeGreaterThan(0);
      const faults = files.flatMap((file) =>
        importsOf(readFileSync(join(root, file), 'utf8'))
          .map((one) => trespasses(room, file, one))
          .filter((fault) => fault !== undefined),
      );
      expect(faults).toEqual([]);
    });
  }

  it('finds a trespasser', () => {
    const found = importsOf(
      "import { x } from '@afar/visits';\nimport { y } from '../records/y.ts';",
    );
    expect(found.map((one) => trespasses('access', 'access/a.ts', one))).toEqual([
      'access/a.ts imports @afar/visits',
      'access/a.ts reaches into records past its door',
    ]);
  });
});
