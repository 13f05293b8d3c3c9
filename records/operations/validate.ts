/** `$validate`: what a write would refuse, and beyond it warnings and advice. Nothing is written. */
import type { Caller, Evidence } from '@afar/access';
import { may, mayWrite } from '@afar/access';
import {
  adviceOn,
  isResourceType,
  parseReference,
  Refusal,
  references,
  validate,
} from '@afar/fhir';
import type { OperationOutcome, OperationOutcomeIssue, Resource } from '@afar/fhir';
import { requireMay } from '../checks.ts';
import type { StoreContext } from '../context.ts';
import { read } from '../read/read.ts';
import type { Stored } from '../types.ts';
import type { Operation, OperationAnswer, OperationCall } from './operation.ts';

type Mode = 'create' | 'update' | 'delete' | 'profile';
const modes: readonly string[] = ['create', 'update', 'delete', 'profile'];

/** References whose existence is looked up. */
const mostReferences = 50;

/** [FHIR R4 resource-operation-validate.html] */
export function validateOperation(ctx: StoreContext): Operation {
  return {
    name: 'validate',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
    on: ['type', 'instance'],
    affectsState: false,
    run: (call) => run(ctx, call),
  };
}

async function run(ctx: StoreContext, call: OperationCall): Promise<OperationAnswer> {
  const { inputs, caller, evidence } = call;
  const type = call.type!;
  const mode = modeOf(inputs.text('mode'));
  const profiles = inputs.texts('profile');
  evidence.params.push(
    ...['mode', 'profile', 'resource'].filter((name) =>
      inputs.all.some((one) => one.name === name),
    ),
  );
  if (mode === 'profile' && profiles.length === 0)
    throw new Refusal('invalid', { diagnostics: 'profile: is needed', expression: ['profile'] });
  const stored = call.id === undefined ? undefined : await storedOf(ctx, call);
  if (mode === 'delete') return outcome(deletion(caller, type, stored));
  const resource = inputs.resource('resource') ?? stored?.resource;
  if (!resource)
    throw new Refusal('invalid', { diagnostics: 'resource: is needed', expression: ['resource'] });
  return outcome(
    await judge(ctx, { caller, evidence, type, mode, stored, resource, profiles, id: call.id }),
  );
}

function modeOf(text: string | undefined): Mode | undefined {
  if (text !== undefined && !modes.includes(text))
    throw new Refusal('invalid', {
      diagnostics: 'mode: create, update, delete or profile',
      expression: ['mode'],
    });
  return text as Mode | undefined;
}

/** As the caller: what she cannot see does not exist. Its content is told in what is said of it. */
async function storedOf(ctx: StoreContext, call: OperationCall): Promise<Stored | undefined> {
  const given = call.inputs.resource('resource') !== undefined;
  try {
    const stored = await read(ctx, ctx.db, call.caller, call.type!, call.id!);
    if (stored.owner) call.evidence.patients.push(stored.owner);
    return stored;
  } catch (error) {
    // To a new id one may write [FHIR R4 http.html#upsert].
    if (given && error instanceof Refusal && error.code === 'not-found') return undefined;
    throw error;
  }
}

interface Case {
  caller: Caller;
  evidence: Evidence;
  type: string;
  id: string | undefined;
  mode: Mode | undefined;
  stored: Stored | undefined;
  resource: Resource;
  profiles: readonly string[];
}

const error = (
  code: OperationOutcomeIssue['code'],
  diagnostics: string,
  expression: string,
): OperationOutcomeIssue => ({ severity: 'error', code, diagnostics, expression: [expression] });

async function judge(ctx: StoreContext, one: Case): Promise<OperationOutcomeIssue[]> {
  const { resource, type, id } = one;
  const { resourceType } = resource;
  const issues = validate(resource);
  if (isResourceType(String(resourceType)) && resourceType !== type)
    issues.push(error('invalid', `A ${type} is expected here`, 'resourceType'));
  if (id !== undefined && resource.id !== undefined && resource.id !== id && one.mode !== 'create')
    issues.push(error('invalid', 'It must be the id of the address', `${type}.id`));
  // Profiles, policy and advice presume structure that is right.
  if (issues.length > 0) return issues;
  return [...rights(one), ...(await checked(ctx, one)), ...(await dangling(ctx, one))];
}

async function checked(ctx: StoreContext, { caller, resource, profiles }: Case) {
  const claimed = resource.meta?.profile ?? [];
  const found = await ctx.conformance.issues(ctx.db, caller, resource, [...claimed, ...profiles]);
  const issues = found.map((issue) => named(issue, claimed.length));
  const advice = adviceOn(resource);
  issues.push(...advice.issues);
  for (const { valueSet, codings, strength, expression } of advice.codes)
    if ((await ctx.conformance.code(caller.tenant, valueSet, codings)) === false)
      issues.push({
        severity: strength === 'extensible' ? 'warning' : 'information',
        code: 'code-invalid',
        diagnostics: `Its code is not of the value set ${valueSet}`,
        expression: [expression],
      });
  return issues;
}

/** A profile that was asked for by name must be known: else the answer would be a yes to nothing. */
function named(issue: OperationOutcomeIssue, claims: number): OperationOutcomeIssue {
  const at = /\.meta\.profile\[(\d+)\]$/.exec(issue.expression?.[0] ?? '');
  if (!at || Number(at[1]) < claims) return issue;
  const asked = { ...issue, expression: ['profile'] };
  return issue.severity === 'warning' ? { ...asked, severity: 'error' } : asked;
}

/** What the policy would say to the write itself. */
function rights({ caller, type, mode, stored, resource }: Case): OperationOutcomeIssue[] {
  if (mode !== 'create' && mode !== 'update') return [];
  if (!may(caller, mode, type)) return [error('forbidden', 'Not allowed', type)];
  const before = mode === 'update' ? stored?.resource : undefined;
  const refusal = mayWrite(caller, before, resource);
  return refusal ? refusal.outcome.issue : [];
}

function deletion(
  caller: Caller,
  type: string,
  stored: Stored | undefined,
): OperationOutcomeIssue[] {
  if (!stored)
    throw new Refusal('invalid', { diagnostics: 'a delete is asked about at an instance' });
  return may(caller, 'delete', type) ? [] : [error('forbidden', 'Not allowed', type)];
}

/** Literal references that lead to nothing the caller can see. Hidden and absent look alike. */
async function dangling(
  ctx: StoreContext,
  { caller, resource, evidence }: Case,
): Promise<OperationOutcomeIssue[]> {
  const issues: OperationOutcomeIssue[] = [];
  const seen = new Set<string>();
  for (const { reference, path } of references(resource)) {
    const { type, id, base, conditional } = parseReference(reference);
    if (type === undefined || id === undefined || base !== '' || conditional) continue;
    if (seen.has(reference) || seen.size >= mostReferences) continue;
    seen.add(reference);
    if (!(await isThere(ctx, caller, evidence, type, id)))
      issues.push({
        severity: 'warning',
        code: 'not-found',
        diagnostics: 'It leads to nothing that you can see here',
        expression: [path],
      });
  }
  return issues;
}

/** That somebody's resource is there is told: whose it is goes to the trail. */
async function isThere(
  ctx: StoreContext,
  caller: Caller,
  evidence: Evidence,
  type: string,
  id: string,
): Promise<boolean> {
  try {
    requireMay(caller, 'read', type);
    const { owner } = await read(ctx, ctx.db, caller, type, id);
    if (owner) evidence.patients.push(owner);
    return true;
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.status < 500) return false;
    throw thrown;
  }
}

/** [FHIR R4 resource-operation-validate.html] Always 200: the judgement is in the outcome. */
function outcome(issues: OperationOutcomeIssue[]): OperationAnswer {
  const body: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: issues.length
      ? issues
      : [{ severity: 'information', code: 'informational', diagnostics: 'No faults were found' }],
  };
  return { body };
}
