/** Checks an instance against a profile's tree: cardinality, types, values, bindings, slices, profiles of parts. */
import type { ElementDefinition } from '@medplum/fhirtypes';
import { targetOf } from '../fhirpath/resolve.ts';
import { isStandardRule } from '../invariants.ts';
import { parseReference } from '../reference-shape.ts';
import { codingsOf, Findings, knownSet } from './findings.ts';
import { isObject, itemsOf, type Item, type Json } from './items.ts';
import { choiceValue, compare, equals, matchesPattern } from './match.ts';
import type { Profile, Profiles } from './profiles.ts';
import { checkSlices } from './slices.ts';
import { coreType, nestedType, type ElementNode } from './tree.ts';

/** 32: profiles whose parts have profiles; real ones nest four deep. */
const deepest = 32;

export interface Scene {
  profiles: Profiles;
  /** The resource that was handed in, for `resolve()`. */
  root: Json;
  bundle?: unknown;
  findings: Findings;
  depth: number;
  /** Shared by all that one resource is checked against. */
  budget: { steps: number };
}

/** 100,000 elements and slices looked at: half a second. The largest resources of a clinic take 5,000. */
export const mostSteps = 100_000;

/** False when everything was spent: what is left unchecked is refused, for it was not found to conform. */
export function step({ budget, findings }: Scene): boolean {
  if (budget.steps-- > 0) return true;
  findings.add('error', 'too-costly', 'Too many elements to check against this profile', []);
  return false;
}

/** The whole of `item` against the profile. */
export function conform(scene: Scene, profile: Profile, item: Item): void {
  if (scene.depth >= deepest) {
    scene.findings.add('error', 'too-costly', 'Profiles nested too deep', item.path);
    return;
  }
  checkItem({ ...scene, depth: scene.depth + 1 }, profile.tree, item);
}

/** Whether it conforms, without a word about why not; rules and codes that others know are left out. */
export function conforms(scene: Scene, profile: Profile, item: Item): boolean {
  const findings = new Findings(scene.findings.root);
  conform({ ...scene, findings }, profile, item);
  return !findings.failed;
}

export function checkElement(scene: Scene, node: ElementNode, parent: Item): void {
  const items = itemsOf(parent, node.name);
  if (!node.untouched) checkCount(scene, node, items.length, [...parent.path, labelOf(node)]);
  for (const item of items) checkItem(scene, node, item);
  if (node.slices.length > 0 || node.definition.slicing)
    checkSlices(scene, node, items, [...parent.path, labelOf(node)]);
}

const labelOf = ({ name }: ElementNode): string => name.replace('[x]', '');

export function checkCount(
  { findings }: Scene,
  { definition, slice }: ElementNode,
  count: number,
  path: Item['path'],
): void {
  const { min = 0, max = '*' } = definition;
  const what = slice === undefined ? '' : ` of the slice ${slice}`;
  if (count < min) findings.add('error', 'required', `At least ${min}${what} required`, path);
  if (max !== '*' && count > Number(max))
    findings.add(
      'error',
      'structure',
      max === '0' ? `Not allowed${what && `: none${what}`}` : `At most ${max}${what} allowed`,
      path,
    );
}

export function checkItem(scene: Scene, node: ElementNode, item: Item): void {
  if (!step(scene)) return;
  if (!node.untouched) checkDefinition(scene, node, item);
  for (const child of node.children?.values() ?? []) checkElement(scene, child, item);
}

function checkDefinition(scene: Scene, node: ElementNode, item: Item): void {
  const { definition } = node;
  checkTypes(scene, node, item);
  checkValue(scene, definition, item);
  checkBinding(scene, definition, item);
  const type = item.path.length === 0 ? undefined : focusType(node, item);
  for (const { key, severity, human, expression } of definition.constraint ?? []) {
    if (!expression || isStandardRule(key, expression)) continue;
    scene.findings.rule(
      { expression, severity, text: `${key}: ${human}`, ...(type !== undefined && { type }) },
      item.path,
    );
  }
}

/** What FHIRPath is told about a focus that is no resource. */
function focusType(node: ElementNode, item: Item): string | undefined {
  if (isObject(item.value) && typeof item.value.resourceType === 'string') return undefined;
  return nestedType(node) ?? item.type ?? node.definition.type?.[0]?.code;
}

function checkTypes(scene: Scene, node: ElementNode, item: Item): void {
  const types = node.definition.type ?? [];
  const { findings } = scene;
  const fitting = types.filter(({ code }) => fits(code, node, item));
  if (types.length > 0 && fitting.length === 0)
    return findings.add(
      'error',
      'structure',
      `Its type must be ${types.map(({ code }) => code).join(' or ')}`,
      item.path,
    );
  const targets = fitting.flatMap(({ targetProfile = [] }) => targetProfile);
  if (targets.length > 0) checkTarget(scene, targets, item);
  const asked = fitting.flatMap(({ profile = [] }) => profile);
  if (asked.length === 0) return;
  const known = asked.map((url) => scene.profiles.get(url));
  if (known.some((one) => typeof one !== 'object'))
    findings.add(
      'information',
      'not-found',
      'A profile of this element is not known here: not checked',
      item.path,
    );
  const usable = known.filter((one): one is Profile => typeof one === 'object');
  // Of several one must hold; with one alone its own faults are told.
  if (asked.length === 1 && usable[0]) conform(scene, usable[0], item);
  else if (usable.length === asked.length && !usable.some((one) => conforms(scene, one, item)))
    findings.add(
      'error',
      'structure',
      'It conforms to none of the profiles it may have',
      item.path,
    );
}

function fits(code: string, node: ElementNode, item: Item): boolean {
  if (!node.name.endsWith('[x]') && code !== 'Resource' && item.type === undefined) return true;
  if (code === 'Resource' || code === 'DomainResource') return isObject(item.value);
  return (
    item.type === undefined || item.type === code || code.startsWith('http://hl7.org/fhirpath/')
  );
}

function checkTarget(
  { findings, profiles, root, bundle }: Scene,
  targets: string[],
  { value, path }: Item,
): void {
  const { reference, type } = (isObject(value) ? value : {}) as {
    reference?: string;
    type?: string;
  };
  const allowed = targets.map((url) => coreType(url) ?? profiles.typeOf(url));
  if (allowed.some((one) => one === undefined || one === 'Resource')) return;
  const literal = typeof reference === 'string' ? parseReference(reference) : {};
  const resolved = typeof reference === 'string' ? targetOf(reference, root, bundle) : undefined;
  const actual = resolved?.resourceType ?? literal.type ?? type;
  if (typeof actual === 'string' && !allowed.includes(actual))
    findings.add('error', 'value', `It may lead to ${[...new Set(allowed)].join(', ')} only`, [
      ...path,
      'reference',
    ]);
}

function checkValue(
  { findings }: Scene,
  definition: ElementDefinition,
  { value, path }: Item,
): void {
  const fixed = choiceValue(definition, 'fixed');
  if (fixed !== undefined && !equals(value, fixed))
    findings.add('error', 'value', 'It is not the value the profile fixes', path);
  const pattern = choiceValue(definition, 'pattern');
  if (pattern !== undefined && !matchesPattern(value, pattern))
    findings.add('error', 'value', 'It does not hold the pattern of the profile', path);
  const { maxLength } = definition;
  if (maxLength !== undefined && typeof value === 'string' && Array.from(value).length > maxLength)
    findings.add('error', 'too-long', `At most ${maxLength} characters`, path);
  const least = choiceValue(definition, 'minValue');
  if (least !== undefined && compare(value, least) === -1)
    findings.add('error', 'value', 'It is below the smallest value of the profile', path);
  const most = choiceValue(definition, 'maxValue');
  if (most !== undefined && compare(value, most) === 1)
    findings.add('error', 'value', 'It is above the largest value of the profile', path);
}

function checkBinding({ findings }: Scene, { binding }: ElementDefinition, item: Item): void {
  const { strength, valueSet } = binding ?? {};
  if (!valueSet || strength === undefined || strength === 'example') return;
  const codings = codingsOf(item.value);
  const set = knownSet(valueSet);
  if (!set) {
    if (codings.length > 0)
      findings.codes.push({ valueSet, codings, strength, expression: place(findings, item) });
    else if (strength === 'required' && isObject(item.value) && 'text' in item.value)
      findings.add(
        'error',
        'code-invalid',
        `A code of the value set ${valueSet} is required`,
        item.path,
      );
    return;
  }
  const held = codings.some(({ system, code }) =>
    system === undefined ? set.codes.has(code) : set.codings.has(`${system}|${code}`),
  );
  if (held || (codings.length === 0 && strength !== 'required')) return;
  if (item.value === undefined) return;
  findings.add(
    strength === 'required' ? 'error' : strength === 'extensible' ? 'warning' : 'information',
    'code-invalid',
    `Its code is not of the value set ${valueSet}`,
    item.path,
  );
}

function place(findings: Findings, { path }: Item): string {
  return path.reduce<string>(
    (text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`),
    findings.root,
  );
}
