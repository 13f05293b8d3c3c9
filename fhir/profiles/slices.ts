/** Items of a sliced element dealt out to their slices, each slice checked, and the rules for the rest [FHIR R4 profiling.html#slicing]. */
import { checkCount, checkItem, step, type Scene } from './conform.ts';
import { belongs, type Discriminator } from './discriminate.ts';
import type { Item } from './items.ts';
import type { ElementNode } from './tree.ts';

/** Extensions are sliced by their address and choices by their type, said or not. */
function slicingOf({ name, definition }: ElementNode): {
  discriminators: readonly Discriminator[];
  rules: string;
  ordered: boolean;
} {
  const { discriminator, rules = 'open', ordered = false } = definition.slicing ?? {};
  if (discriminator?.length) return { discriminators: discriminator, rules, ordered };
  if (name.endsWith('[x]'))
    return { discriminators: [{ type: 'type', path: '$this' }], rules, ordered };
  if (name === 'extension' || name === 'modifierExtension')
    return { discriminators: [{ type: 'value', path: 'url' }], rules, ordered };
  return { discriminators: [], rules, ordered };
}

export function checkSlices(
  scene: Scene,
  node: ElementNode,
  items: readonly Item[],
  path: Item['path'],
): void {
  const { discriminators, rules, ordered } = slicingOf(node);
  const { findings } = scene;
  if (discriminators.length === 0) {
    if (node.slices.length > 0)
      findings.add(
        'information',
        'informational',
        'Slices without a discriminator are not checked',
        path,
      );
    return;
  }
  const counts = new Map(node.slices.map((slice) => [slice, [] as Item[]]));
  let last = -1;
  let rest = false;
  for (const item of items) {
    scene.budget.steps -= node.slices.length;
    if (!step(scene)) break;
    const at = node.slices.findIndex((slice) => belongs(scene, slice, discriminators, item));
    if (at < 0) {
      rest = true;
      if (rules === 'closed')
        findings.add(
          'error',
          'structure',
          'It is of no slice, and the profile allows no others',
          item.path,
        );
      continue;
    }
    if (rest && rules === 'openAtEnd')
      findings.add('error', 'structure', 'It stands behind what is of no slice', item.path);
    if (ordered && at < last)
      findings.add('error', 'structure', 'It is not in the order of the slices', item.path);
    last = Math.max(last, at);
    const slice = node.slices[at]!;
    counts.get(slice)!.push(item);
    checkItem(scene, slice, item);
  }
  for (const [slice, own] of counts) {
    checkCount(scene, slice, own.length, path);
    if (slice.slices.length > 0)
      checkSlices(
        scene,
        {
          ...slice,
          definition: {
            ...slice.definition,
            slicing: slice.definition.slicing ?? node.definition.slicing,
          },
        },
        own,
        path,
      );
  }
}
