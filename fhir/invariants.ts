/** The standard's invariants by type: those of types that are written often are coded by hand, the others go through FHIRPath. */
import lines from './generated/invariants.json' with { type: 'json' };
import { chart } from './invariants/chart.ts';
import { datatypes, ordered } from './invariants/datatypes.ts';
import { definitions } from './invariants/definitions.ts';
import { office } from './invariants/office.ts';
import type { Holds } from './invariants/words.ts';

export interface Invariant {
  key: string;
  /** What should hold, in the standard's words. */
  text: string;
  severity: 'error' | 'warning';
  /** FHIRPath. */
  expression: string;
  /** Coded by hand; absent: evaluated by the FHIRPath library. */
  holds?: Holds;
}

const byHand: Readonly<Record<string, Readonly<Record<string, Holds>>>> = {
  ...datatypes,
  ...chart,
  ...office,
  ...definitions,
};

/** Rules of the house beside the standard's. */
const ours: Readonly<Record<string, Invariant[]>> = {
  Slot: [
    {
      key: 'slot-end',
      text: 'A slot ends after it starts',
      severity: 'error',
      expression: 'start <= end',
      holds: ({ start, end }) => ordered(start, end),
    },
  ],
};

let byType: Map<string, Invariant[]> | undefined;

/** All invariants of a type or nested type (`Patient.contact`), warnings among them; `DomainResource` holds for every one of them. */
export function invariantsOf(type: string): readonly Invariant[] {
  byType ??= group();
  return byType.get(type) ?? [];
}

/** Rules every resource is checked by anyway; profiles repeat them in their snapshots. */
export function isStandardRule(key: string, expression: string): boolean {
  standard ??= new Set(lines.map((line) => line.split(' ;; ')[2]!));
  return standard.has(expression) || walked.has(key);
}

/** Checked by the walk through the structure, or told by `$validate` for every resource. */
const walked = new Set([
  'ele-1',
  'ext-1',
  'txt-1',
  'txt-2',
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
  'dom-6',
  'ref-1',
]);
let standard: Set<string> | undefined;

function group(): Map<string, Invariant[]> {
  const out = new Map(Object.entries(ours));
  for (const [type, one] of lines.map(parse)) out.set(type, [...(out.get(type) ?? []), one]);
  return out;
}

function parse(line: string): [string, Invariant] {
  const [head = '', text = '', expression = ''] = line.split(' ;; ');
  const [type = '', key = '', severity] = head.split(' ');
  const holds = byHand[type]?.[key];
  return [
    type,
    {
      key,
      text,
      severity: severity === 'error' ? 'error' : 'warning',
      expression,
      ...(holds ? { holds } : {}),
    },
  ];
}
