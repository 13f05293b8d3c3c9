/** Reads a FHIR package: an npm-style `.tgz` whose `package/*.json` are conformance resources [FHIR NPM packages]. */
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Refusal } from '@afar/fhir';
import type { Resource } from '@afar/fhir';

/** 32 MB: the largest code systems in HL7's packages have 20. */
const largestFile = 32 * 1024 * 1024;
/** 1 GB unpacked: hl7.fhir.r4.core has 150 MB. More is an archive made to fill memory. */
const largestPackage = 1024 * 1024 * 1024;
const mostFiles = 50_000;

export interface PackageManifest {
  name: string;
  version: string;
}

export interface PackageEntry {
  file: string;
  resource: Resource;
}

function refuse(why: string): Refusal {
  return new Refusal('invalid', { diagnostics: `This package cannot be read: ${why}` });
}

/**
 * Calls `each` with every resource, in the order of the archive, waiting for it. Examples and other folders are left out.
 * @throws Refusal `invalid` for what is no package, is for another version of FHIR, or is too large
 */
export async function readPackage(
  path: string,
  each: (entry: PackageEntry) => Promise<void> | void,
): Promise<PackageManifest> {
  // Only the command needs it: no start shall wait for it.
  const { extract } = await import('tar-stream');
  let manifest: PackageManifest | undefined;
  let bytes = 0;
  let files = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > largestPackage) done(refuse('it is larger than 1 GB'));
      else done(null, chunk);
    },
  });
  const tar = extract();
  const reading = pipeline(createReadStream(path), createGunzip(), limited, tar);
  const walking = (async () => {
    for await (const entry of tar) {
      const { name, size, type } = entry.header;
      if (++files > mostFiles) throw refuse('it has too many files');
      const file = /^package\/([^/]+\.json)$/.exec(name)?.[1];
      if (type !== 'file' || file === undefined || file.startsWith('.')) {
        entry.resume();
        continue;
      }
      if (size > largestFile) throw refuse('a file in it is larger than 32 MB');
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
      const json = parse(Buffer.concat(chunks).toString('utf8'));
      if (file === 'package.json') manifest = manifestOf(json);
      else if (isResource(json)) await each({ file, resource: json });
    }
  })();
  const [read, walked] = await Promise.allSettled([
    reading,
    walking.catch((error: unknown) => {
      tar.destroy();
      throw error;
    }),
  ]);
  for (const one of [walked, read])
    if (one.status === 'rejected')
      throw one.reason instanceof Refusal ? one.reason : refuse('no .tgz');
  if (!manifest) throw refuse('it has no package.json');
  return manifest;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    throw refuse('a file in it is no JSON');
  }
}

const isResource = (json: unknown): json is Resource =>
  typeof (json as { resourceType?: unknown } | null)?.resourceType === 'string';

function manifestOf(json: unknown): PackageManifest {
  const {
    name,
    version,
    fhirVersions,
    'fhir-version-list': list,
  } = (json ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof version !== 'string')
    throw refuse('it has no name or version');
  const versions = fhirVersions ?? list;
  if (Array.isArray(versions) && !versions.some((one) => String(one).startsWith('4.0')))
    throw refuse('it is not for FHIR R4');
  return { name, version };
}
