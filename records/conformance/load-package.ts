/** Puts a FHIR package's definitions into the store; run again it writes nothing twice. */
import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '@afar/access';
import { escapeValue, Refusal } from '@afar/fhir';
import type { Resource, StructureDefinition } from '@afar/fhir';
import type { Records } from '../types.ts';
import { readPackage } from './package-file.ts';
import type { PackageManifest } from './package-file.ts';

export interface PackageReport extends PackageManifest {
  written: number;
  /** They were there, and the same. */
  present: number;
  /** R4's own types and search parameters, which are built in; examples and other types. */
  skipped: number;
  failed: { file: string; reason: string }[];
}

export interface PackageProgress {
  done: number;
  total: number;
  file: string;
}

/** Definitions: found by an address of their own, the same for everybody, nobody's data. */
const definitional = new Set([
  'ActivityDefinition',
  'CapabilityStatement',
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'GraphDefinition',
  'ImplementationGuide',
  'Library',
  'Measure',
  'MessageDefinition',
  'NamingSystem',
  'OperationDefinition',
  'PlanDefinition',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'StructureMap',
  'ValueSet',
]);

interface Canonical {
  id?: string;
  url?: string;
  version?: string;
}

function isWanted(resource: Resource): boolean {
  const { resourceType } = resource;
  const { url = '' } = resource as Canonical;
  if (!definitional.has(resourceType)) return false;
  if (resourceType === 'SearchParameter')
    return !url.startsWith('http://hl7.org/fhir/SearchParameter/');
  if (resourceType !== 'StructureDefinition') return true;
  const { derivation, kind } = resource as StructureDefinition;
  return derivation === 'constraint' && kind !== 'logical';
}

/**
 * @param caller a fresh caller for each step, of the house's own
 * @throws Refusal `invalid` for a file that is no package for R4
 */
export async function loadPackage(
  records: Records,
  path: string,
  {
    caller,
    onProgress,
  }: { caller: () => Caller; onProgress?: (progress: PackageProgress) => void },
): Promise<PackageReport> {
  let total = 0;
  // Read twice: who waits wants to know for how long.
  const manifest = await readPackage(path, ({ resource }) => {
    if (isWanted(resource)) total++;
  });
  const report: PackageReport = { ...manifest, written: 0, present: 0, skipped: 0, failed: [] };
  let done = 0;
  await readPackage(path, async ({ file, resource }) => {
    if (!isWanted(resource)) {
      report.skipped++;
      return;
    }
    try {
      report[await put(records, caller(), resource)]++;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      const [issue] = error.outcome.issue;
      const reason = [issue?.expression?.[0], issue?.diagnostics ?? issue?.details?.text];
      report.failed.push({ file, reason: reason.filter(Boolean).join(': ') });
    }
    onProgress?.({ done: ++done, total, file });
  });
  return report;
}

async function put(
  records: Records,
  caller: Caller,
  resource: Resource,
): Promise<'written' | 'present'> {
  const known = await find(records, caller, resource);
  if (known) {
    if (isDeepStrictEqual(bare(known), bare(resource))) return 'present';
    await records.update(caller, { ...resource, id: known.id! });
  } else if (resource.id !== undefined && (await isFree(records, caller, resource)))
    await records.update(caller, resource);
  else await records.create(caller, resource);
  return 'written';
}

/** The same definition in the same version. */
async function find(
  records: Records,
  caller: Caller,
  resource: Resource,
): Promise<Resource | undefined> {
  const { url, version } = resource as Canonical;
  // NamingSystems have no address in R4.
  if (url === undefined)
    return resource.id === undefined ? undefined : at(records, caller, resource);
  const { entry = [] } = await records.search(caller, resource.resourceType, [
    ['url', escapeValue(url)],
    ['_count', '100'],
  ]);
  return entry
    .flatMap((one) => (one.search?.mode === 'match' ? (one.resource ?? []) : []))
    .find((one) => (one as Canonical).version === version);
}

async function at(records: Records, caller: Caller, { resourceType, id }: Resource) {
  try {
    return (await records.read(caller, resourceType, id!)).resource;
  } catch (error) {
    if (error instanceof Refusal && (error.code === 'not-found' || error.code === 'gone'))
      return undefined;
    throw error;
  }
}

/** Its own id, when no other definition (another version, another guide's) has it. */
const isFree = async (records: Records, caller: Caller, resource: Resource): Promise<boolean> =>
  (await at(records, caller, resource)) === undefined;

/** Without what the store writes itself. */
function bare(resource: Resource): unknown {
  const {
    id: _id,
    meta,
    ...rest
  } = JSON.parse(JSON.stringify(resource)) as Resource & Record<string, unknown>;
  const { versionId: _version, lastUpdated: _updated, ...kept } = meta ?? {};
  return { ...rest, meta: kept };
}
