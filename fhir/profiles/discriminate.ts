/** Which slice an item belongs to: discriminators by value, pattern, existence, type and profile [FHIR R4 profiling.html#discriminator]. */
import { targetOf } from '../fhirpath/resolve.ts';
import { conforms, type Scene } from './conform.ts';
import { codingsOf, knownSet } from './findings.ts';
import { isObject, itemsOf, type Item } from './items.ts';
import { choiceValue, equals, matchesPattern } from './match.ts';
import { unfold } from './snapshot.ts';
import type { ElementNode } from './tree.ts';

export interface Discriminator {
  type?: string;
  path?: string;
}

type Step =
  | { kind: 'child'; name: string }
  | { kind: 'resolve' }
  | { kind: 'ofType'; type: string }
  | { kind: 'extension'; url: string };

const stepPattern =
  /^(?:(resolve)\(\)|(?:ofType|as)\((\w+)\)|extension\('([^']*)'\)|(\w+)(?:\[x\])?)$/;

/** The restricted FHIRPath of discriminators; undefined for what is none. */
export function stepsOf(path: string): Step[] | undefined {
  const steps: Step[] = [];
  // Dots inside extension('...') do not part steps.
  for (const text of path.match(/[^.(]+(?:\((?:'[^']*'|[^)]*)\))?/g) ?? []) {
    if (text === '$this') continue;
    const [, resolve, type, url, name] = stepPattern.exec(text) ?? [];
    if (resolve) steps.push({ kind: 'resolve' });
    else if (type) steps.push({ kind: 'ofType', type });
    else if (url !== undefined) steps.push({ kind: 'extension', url });
    else if (name) steps.push({ kind: 'child', name });
    else return undefined;
  }
  return steps;
}

/** True when the item has everything by which the slice is told from others. */
export function belongs(
  scene: Scene,
  slice: ElementNode,
  discriminators: readonly Discriminator[],
  item: Item,
): boolean {
  return discriminators.every((one) => meets(scene, slice, one, item));
}

function meets(
  scene: Scene,
  slice: ElementNode,
  { type, path = '$this' }: Discriminator,
  item: Item,
) {
  if (path === 'url' && slice.name.toLowerCase().endsWith('extension'))
    return isObject(item.value) && item.value.url === urlOf(slice);
  const steps = stepsOf(path);
  if (!steps) return false;
  let items = [item];
  let nodes: ElementNode[] = [slice];
  /** A pattern further up, followed down the same path. */
  let patterns: unknown[] = [];
  for (const step of steps) {
    patterns = [...patterns, ...nodes.flatMap(patternOf)].flatMap((one) => inside(one, step));
    items = items.flatMap((one) => follow(scene, one, step));
    nodes = nodes.flatMap((one) => followNode(scene, one, step));
  }
  switch (type) {
    case 'exists':
      return nodes.some((node) => node.definition.max === '0')
        ? items.length === 0
        : items.length > 0;
    case 'type':
      return items.some((one) => nodes.some((node) => isOfType(node, one)));
    case 'profile':
      return items.some((one) => nodes.some((node) => hasProfile(scene, node, one)));
    default: {
      const tests = nodes.flatMap((node) => testsOf(scene, node));
      if (tests.length === 0 && patterns.length === 0) return false;
      return (
        tests.every((test) => items.some(test)) &&
        patterns.every((pattern) => items.some(({ value }) => matchesPattern(value, pattern)))
      );
    }
  }
}

function patternOf({ definition }: ElementNode): unknown[] {
  const value = choiceValue(definition, 'pattern') ?? choiceValue(definition, 'fixed');
  return value === undefined ? [] : [value];
}

function inside(pattern: unknown, step: Step): unknown[] {
  if (!isObject(pattern) || step.kind !== 'child') return [];
  const value = pattern[step.name];
  return value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
}

function follow({ root, bundle }: Scene, item: Item, step: Step): Item[] {
  switch (step.kind) {
    case 'child': {
      const own = itemsOf(item, step.name);
      return own.length > 0 ? own : itemsOf(item, `${step.name}[x]`);
    }
    case 'extension':
      return itemsOf(item, 'extension').filter(
        ({ value }) => isObject(value) && value.url === step.url,
      );
    case 'ofType':
      return item.type === undefined || item.type === step.type ? [item] : [];
    case 'resolve': {
      const reference = isObject(item.value) ? item.value.reference : item.value;
      const target = typeof reference === 'string' ? targetOf(reference, root, bundle) : undefined;
      const type = isObject(item.value) ? item.value.type : undefined;
      const found = target ?? (typeof type === 'string' ? { resourceType: type } : undefined);
      return found ? [{ value: found, type: String(found.resourceType), path: item.path }] : [];
    }
  }
}

function followNode({ profiles }: Scene, node: ElementNode, step: Step): ElementNode[] {
  // What a reference leads to is told by its target profiles, which stand on the node itself.
  if (step.kind === 'resolve' || step.kind === 'ofType') return [node];
  const children = node.children ?? unfold(node, profiles.lookup);
  if (step.kind === 'extension')
    return children.get('extension')?.slices.filter((one) => urlOf(one) === step.url) ?? [];
  const child = children.get(step.name) ?? children.get(`${step.name}[x]`);
  if (!child) return [];
  return child.slices.length > 0 ? [child, ...child.slices] : [child];
}

/** The address of the extension a slice stands for: fixed, or that of its profile. */
function urlOf(slice: ElementNode): unknown {
  const url = slice.children?.get('url');
  return (
    (url && choiceValue(url.definition, 'fixed')) ??
    slice.definition.type?.[0]?.profile?.[0]?.split('|')[0]
  );
}

type Test = (item: Item) => boolean;

/** Fixed values, patterns and required bindings at a node and below it. */
function testsOf(scene: Scene, node: ElementNode, depth = 0): Test[] {
  const { definition } = node;
  const tests: Test[] = [];
  const fixed = choiceValue(definition, 'fixed');
  if (fixed !== undefined) tests.push(({ value }) => equals(value, fixed));
  const pattern = choiceValue(definition, 'pattern');
  if (pattern !== undefined) tests.push(({ value }) => matchesPattern(value, pattern));
  const { strength, valueSet } = definition.binding ?? {};
  if (depth === 0 && tests.length === 0 && strength === 'required' && valueSet && !node.untouched)
    tests.push((item) =>
      codingsOf(item.value).some(
        (one) => scene.profiles.holds(valueSet, one) ?? held(valueSet, one),
      ),
    );
  if (depth < 4)
    for (const child of node.children?.values() ?? []) {
      if (child.untouched && !child.children) continue;
      const inner = [child, ...child.slices.filter((one) => (one.definition.min ?? 0) > 0)];
      for (const one of inner)
        for (const test of testsOf(scene, one, depth + 1))
          tests.push((item) => itemsOf(item, child.name).some(test));
    }
  return tests;
}

function held(valueSet: string, { system, code }: { system?: string; code: string }): boolean {
  const set = knownSet(valueSet);
  return Boolean(
    system === undefined ? set?.codes.has(code) : set?.codings.has(`${system}|${code}`),
  );
}

function isOfType({ definition }: ElementNode, { type, value }: Item): boolean {
  return (definition.type ?? []).some(({ code, targetProfile = [] }) => {
    if (type === undefined) return !isObject(value);
    // After resolve() the type is the target's.
    return (
      code === type ||
      (code === 'Reference' && targetProfile.some((one) => one.endsWith(`/${type}`)))
    );
  });
}

function hasProfile(scene: Scene, { definition }: ElementNode, item: Item): boolean {
  const asked = (definition.type ?? []).flatMap(({ profile = [], targetProfile = [] }) =>
    profile.length > 0 ? profile : targetProfile,
  );
  return asked.some((url) => {
    const profile = scene.profiles.get(url);
    if (typeof profile === 'object') return conforms(scene, profile, item);
    return item.type !== undefined && url.endsWith(`/${item.type}`);
  });
}
