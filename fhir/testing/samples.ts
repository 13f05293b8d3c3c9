/** Resources of any type filled at random: valid in shape, without meaning, the same for the same seed. */
import type { Resource } from '@medplum/fhirtypes';
import { codeSet, typeModel, type ElementModel } from '../model.ts';

const words = ['alpha', 'beta', 'gamma'];
const primitives: Record<string, readonly unknown[]> = {
  boolean: [true, false],
  integer: [-3, 0, 7],
  unsignedInt: [0, 5],
  positiveInt: [1, 9],
  decimal: [1.5, 20, 300],
  date: ['1980', '1980-02', '1980-02-29'],
  dateTime: ['2020', '2020-02-03', '2020-02-03T10:11:12Z'],
  instant: ['2020-02-03T10:11:12.345Z'],
  time: ['10:11:12'],
  uri: ['urn:a', 'https://e.example/b'],
  url: ['https://e.example/b'],
  canonical: ['https://e.example/c|1', 'https://e.example/d'],
  oid: ['urn:oid:1.2.3'],
  uuid: ['urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a'],
  base64Binary: ['QUJD'],
  xhtml: ['<div xmlns="http://www.w3.org/1999/xhtml">x</div>'],
};

/** Deeper elements are left out: no search parameter looks further. */
const deepest = 5;

type Random = () => number;

/** mulberry32: small, and the same on every machine. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function sampleResource(type: string, seed: number): Resource {
  const random = seeded(seed);
  return { resourceType: type, ...filled(type, random, 0), id: `s${seed}` } as unknown as Resource;
}

function filled(type: string, random: Random, depth: number): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const taken = new Set<string>();
  for (const element of shuffled(typeModel(type)?.elements ?? [], random)) {
    const { name, choice, many, type: inner } = element;
    if (inner === 'Resource' || name === 'extension' || name === 'modifierExtension') continue;
    if (depth > 0 && (name === 'id' || random() < depth * 0.15)) continue;
    if ((choice && taken.has(choice)) || (typeModel(inner) && depth >= deepest)) continue;
    if (choice) taken.add(choice);
    const one = () => valueOf(element, random, depth);
    out[name] = many ? Array.from({ length: random() < 0.5 ? 1 : 2 }, one) : one();
  }
  return Object.keys(out).length > 0 ? out : { id: 'x' };
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((one) => [random(), one] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, one]) => one);
}

function valueOf({ type, set, targets }: ElementModel, random: Random, depth: number): unknown {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const codes = set === undefined ? undefined : codeSet(set)?.codes;
  if (type === 'code') return pick(codes ? [...codes] : words);
  if (type === 'Reference')
    return {
      reference: `${pick(targets ?? ['Patient', 'Group', 'Device', 'Location'])}/${pick(['1', '2'])}`,
    };
  if (typeModel(type)) return filled(type, random, depth + 1);
  return pick(primitives[type] ?? words);
}
