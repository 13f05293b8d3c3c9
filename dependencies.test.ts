/** What is installed: exact versions, each with its checksum, under licences we may ship, and nothing that runs at install. */
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = import.meta.dirname;
const json = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), 'utf8')) as T;

interface Manifest {
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
}
interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  license?: string | { type: string };
  hasInstallScript?: boolean;
}

const manifest = json<Manifest>('package.json');
const lock = json<{ lockfileVersion: number; packages: Record<string, Locked> }>(
  'package-lock.json',
);
const workspaces = new Set(manifest.workspaces);
const installed = Object.entries(lock.packages).filter(
  ([place, one]) => place !== '' && !one.link && !workspaces.has(place),
);
const nameOf = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 13);

/** Permissive, or weak copyleft of single files; CC-BY and CC0 for data. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'OFL-1.1',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** Of those that name none, or a text of their own: what we read in it. By version, so that a new one is read again. */
const read = new Map([
  // BSD-like terms of the U.S. National Library of Medicine, with notices for UCUM and LOINC.
  ['@lhncbc/ucum-lhc 5.0.4', 'BSD-3-Clause'],
  ['fhirpath 4.11.0', 'BSD-3-Clause'],
  // Its LICENSE file.
  ['png-js 2.0.0', 'MIT'],
  // Its LICENSE-MIT.txt.
  ['base-64 0.1.0', 'MIT'],
  // Names none; the project it is published from, component/emitter, is under MIT.
  ['emitter-component 1.1.2', 'MIT'],
]);

/** `(MIT OR GPL-2.0)`: one that is allowed suffices; `MIT AND ISC`: all must be. */
function mayShip(licence: string): boolean {
  return licence
    .replaceAll(/[()]/g, '')
    .split(/ OR /)
    .some((either) => either.split(/ AND /).every((one) => allowed.has(one.trim())));
}

describe('every dependency', () => {
  it('is asked for by an exact version', () => {
    const loose = ['', ...workspaces].flatMap((folder) => {
      const { dependencies, devDependencies, optionalDependencies } = json<Manifest>(
        join(folder, 'package.json'),
      );
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([name]) => !name.startsWith('@afar/'))
        .filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${folder} ${name} ${version}`);
    });
    expect(loose).toEqual([]);
  });

  it('is locked to one file, by SHA-512, and to no address of its own', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(installed.length).toBeGreaterThan(100);
    const unsure = installed.filter(
      ([, { resolved, integrity, version }]) =>
        (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')) ||
        !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ||
        version === undefined,
    );
    expect(unsure.map(([place]) => place)).toEqual([]);
  });

  it('is under a licence we may ship', () => {
    const strange = installed
      .map(([place, { license, version }]) => ({
        name: `${nameOf(place)} ${version}`,
        licence: typeof license === 'object' ? license.type : (license ?? licenceIn(place)),
      }))
      .filter(({ name, licence }) => !mayShip(read.get(name) ?? licence));
    expect(strange).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(hook);
  });
});

/** The lock leaves out what a package of another platform says of itself, and some old forms. */
function licenceIn(place: string): string {
  try {
    return json<{ license?: string }>(join(place, 'package.json')).license ?? 'none';
  } catch {
    // Of another platform: not installed here, and its licence is its main package's.
    return 'MIT';
  }
}

it('has no known hole of high or critical severity', () => {
  const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const holes = parsed(stdout)?.metadata?.vulnerabilities;
  if (!holes) {
    console.warn(
      '\n!!! npm audit got no answer from the registry: known holes were NOT looked for.\n',
    );
    return;
  }
  expect([holes.high, holes.critical]).toEqual([0, 0]);
}, 90_000);

interface Report {
  metadata?: { vulnerabilities?: { high: number; critical: number } };
}

function parsed(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return undefined;
  }
}
