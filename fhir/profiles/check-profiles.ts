/** A resource against the profiles it claims, or is asked about: structure at once, then codes and rules from those who know them. */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import type { BoundedFhirPath } from '../fhirpath/bounded.ts';
import { conform, mostSteps } from './conform.ts';
import { Findings, type CodeQuestion } from './findings.ts';
import type { Profiles } from './profiles.ts';
import { coreType } from './tree.ts';

export interface ProfilePorts {
  profiles: Profiles;
  fhirpath: BoundedFhirPath;
  /** Whether one of the codings is in the set; undefined when nobody knows. */
  code?(valueSet: string, codings: CodeQuestion['codings']): Promise<boolean | undefined>;
  /** The Bundle the resource came in, for references between its entries. */
  bundle?: unknown;
}

/**
 * Faults, warnings and remarks; a profile nobody knows is a warning [FHIR R4 resource.html#profile-tags]. Messages hold
 * no value of the resource. Presumes that the resource is valid by the base specification.
 */
export async function checkProfiles(
  resource: Resource,
  canonicals: readonly string[],
  ports: ProfilePorts,
): Promise<OperationOutcomeIssue[]> {
  const { resourceType: type } = resource;
  const findings = new Findings(type);
  const budget = { steps: mostSteps };
  canonicals.forEach((canonical, at) => {
    const profile = ports.profiles.get(canonical);
    const place = ['meta', 'profile', at];
    const base = profile === undefined ? coreType(canonical) : undefined;
    // The definition of a type itself: the base specification was asked before any profile.
    if (base === type || base === 'Resource' || base === 'DomainResource') return;
    if (base !== undefined)
      findings.add('error', 'invalid', `This profile is one of ${base}`, place);
    else if (profile === undefined)
      findings.add('warning', 'not-found', 'This profile is not known here: not checked', place);
    else if (typeof profile === 'string')
      findings.add('warning', 'not-supported', `This profile cannot be used: ${profile}`, place);
    else if (profile.type !== type)
      findings.add('error', 'invalid', `This profile is one of ${profile.type}`, place);
    else {
      const scene = {
        ...ports,
        root: resource as unknown as Record<string, unknown>,
        findings,
        depth: 0,
        budget,
      };
      conform(scene, profile, { value: resource, type, path: [] });
    }
  });
  await Promise.all([askRules(resource, findings, ports), askCodes(findings, ports)]);
  return findings.issues;
}

async function askRules(resource: Resource, findings: Findings, ports: ProfilePorts) {
  if (findings.rules.length === 0) return;
  const questions = findings.rules.map(({ expression, path, type }) => ({
    expression,
    path,
    type,
  }));
  const replies = await ports.fhirpath.ask(resource, questions, ports.bundle);
  replies.forEach((reply, at) => {
    const { severity, text, place } = findings.rules[at]!;
    if ('fault' in reply) {
      const costly = reply.fault === 'too-costly' || reply.fault === 'too-long';
      findings.issue({
        // A rule that nobody can read refuses nobody; one that is a bomb does.
        severity: costly ? 'error' : 'warning',
        code: costly ? 'too-costly' : 'exception',
        diagnostics: `A rule of the profile could not be evaluated: ${reply.fault}: ${text}`,
        expression: [place],
      });
    } else if (reply.values.length !== 1 || reply.values[0] !== true)
      findings.issue({ severity, code: 'invariant', diagnostics: text, expression: [place] });
  });
}

async function askCodes(findings: Findings, { code }: ProfilePorts): Promise<void> {
  for (const { valueSet, codings, strength, expression } of findings.codes) {
    const answer = await code?.(valueSet, codings);
    if (answer === true) continue;
    if (answer === undefined)
      findings.issue({
        severity: strength === 'required' ? 'warning' : 'information',
        code: 'not-found',
        diagnostics: `The value set ${valueSet} is not known here: not checked`,
        expression: [expression],
      });
    else
      findings.issue({
        severity:
          strength === 'required' ? 'error' : strength === 'extensible' ? 'warning' : 'information',
        code: 'code-invalid',
        diagnostics: `Its code is not of the value set ${valueSet}`,
        expression: [expression],
      });
  }
}
