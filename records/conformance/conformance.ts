/** Profiles at work: what a write claims in `meta.profile` is checked, what `$validate` asks is answered. */
import type { Caller } from '@afar/access';
import { systemCaller } from '@afar/access';
import { boundedFhirPath, checkProfiles, Refusal } from '@afar/fhir';
import type { OperationOutcomeIssue, Resource, StructureDefinition } from '@afar/fhir';
import type { Clock, Queryable } from '@afar/platform';
import type { Find } from '../context.ts';
import type { Terminology } from '../types.ts';
import { createDefinitions } from './definitions.ts';
import type { Definitions } from './definitions.ts';

/** Claims of one resource that are looked at; the first ones. */
const mostClaims = 20;

export interface Conformance {
  /** Every finding, warnings and remarks too. Presumes a resource that is valid by the base specification. */
  issues(
    sql: Queryable,
    caller: Caller,
    resource: Resource,
    canonicals: readonly string[],
  ): Promise<OperationOutcomeIssue[]>;
  /**
   * What is written must conform to the profiles it claims, as far as they are known.
   * @throws Refusal `invalid` with one issue for each fault
   */
  require(sql: Queryable, caller: Caller, resources: readonly Resource[]): Promise<void>;
  /** Whether one of the codings is in the value set, by what terminology knows. */
  code(
    tenant: number,
    valueSet: string,
    codings: readonly { system?: string; code: string }[],
  ): Promise<boolean | undefined>;
  /** A definition has changed. */
  forget(tenant: number): void;
  stop(): Promise<void>;
}

export interface ConformanceDeps {
  clock: Clock;
  find: Find;
  terminology: () => Terminology | undefined;
  /** `refuse`: a resource that claims a profile nobody here knows is not written. */
  unknownProfiles?: 'accept' | 'refuse';
}

export function createConformance(deps: ConformanceDeps): Conformance {
  const fhirpath = boundedFhirPath();
  const held = new Map<number, Definitions>();
  const house = (tenant: number) => systemCaller(tenant, deps.clock, 'profile');

  function definitionsOf(tenant: number): Definitions {
    const known = held.get(tenant) ?? createDefinitions(deps);
    held.set(tenant, known);
    return known;
  }

  async function check(
    sql: Queryable,
    { tenant }: Caller,
    resource: Resource,
    canonicals: readonly string[],
    definitions = definitionsOf(tenant),
  ): Promise<OperationOutcomeIssue[]> {
    const claims = canonicals.slice(0, mostClaims);
    const profiles = await definitions.load(sql, house(tenant), claims);
    // Nothing to do for what nobody knows: Synthea's resources claim US Core wherever they go.
    return checkProfiles(resource, claims, {
      profiles,
      fhirpath,
      code: (valueSet, codings) => code(tenant, valueSet, codings),
      ...(resource.resourceType === 'Bundle' && { bundle: resource }),
    });
  }

  async function code(
    tenant: number,
    valueSet: string,
    codings: readonly { system?: string; code: string }[],
  ): Promise<boolean | undefined> {
    const port = deps.terminology();
    if (!port) return undefined;
    let known = false;
    for (const coding of codings) {
      const answer = await port.validateCode(house(tenant), { valueSet, ...coding });
      if (answer?.result) return true;
      known ||= answer !== undefined;
    }
    return known ? false : undefined;
  }

  return {
    code,
    issues: (sql, caller, resource, canonicals) => check(sql, caller, resource, canonicals),
    async require(sql, caller, resources) {
      const beside = resources.filter(
        (one): one is StructureDefinition => one.resourceType === 'StructureDefinition',
      );
      const definitions = beside.length > 0 ? createDefinitions(deps, beside) : undefined;
      const faults: OperationOutcomeIssue[] = [];
      for (const resource of resources) {
        const claimed = resource.meta?.profile;
        if (!claimed?.length) continue;
        const found = await check(sql, caller, resource, claimed, definitions);
        const strict = deps.unknownProfiles === 'refuse';
        faults.push(...found.flatMap((one) => (strict ? refused(one) : one)).filter(isError));
      }
      if (faults.length > 0) throw new Refusal('invalid', { issues: faults });
    },
    forget: (tenant) => void held.delete(tenant),
    stop: () => fhirpath.stop(),
  };
}

const isError = ({ severity }: OperationOutcomeIssue): boolean => severity === 'error';

function refused(issue: OperationOutcomeIssue): OperationOutcomeIssue {
  const unknown =
    issue.code === 'not-found' && /\.meta\.profile\[/.test(issue.expression?.[0] ?? '');
  return unknown ? { ...issue, severity: 'error' } : issue;
}
