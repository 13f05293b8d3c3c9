/** Runs one alternative of a path program: `telecom[system=email]:ContactPoint`, `subject:Reference~Patient`. */
import { parseReference } from './reference-shape.ts';

export interface Found {
  /** FHIR type of the value. */
  type: string;
  value: unknown;
  /** A bound code's value set, which tells its system. */
  set?: string;
}

export type Program = (from: unknown, out: Found[]) => void;

type Json = Record<string, unknown>;

const step = /^(\w+)(?:\[(?:0|(\w+)=([\w-]+))\])?$/;

/** Compiles `a.b[system=email]:Type~Target` to a closure; `.` is the starting point itself. */
export function compileAlternative(text: string): Program {
  if (text === '@deceased') return deceased;
  const [path = '', leaf = ''] = text.split(':');
  const [name = '', only] = leaf.split('~');
  const [type = '', set] = name.split('#');
  const emit: Program = only
    ? (value, out) => {
        if (leadsTo(value as Json, only)) out.push({ type, value });
      }
    : (value, out) => out.push(set === undefined ? { type, value } : { type, value, set });
  const steps = path === '.' ? [] : path.split('.');
  return steps.reduceRight<Program>((next, one) => compileStep(one, next), emit);
}

function compileStep(text: string, next: Program): Program {
  const [, name = '', field, wanted] = step.exec(text) ?? [];
  const first = text.endsWith('[0]');
  const one: Program = field
    ? (value, out) => {
        if ((value as Json)[field] === wanted) next(value, out);
      }
    : next;
  return (from, out) => {
    const value = (from as Json | null | undefined)?.[name];
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) one(value, out);
    else
      for (let i = 0; i < (first ? 1 : value.length); i++)
        // A null stands for a primitive that has extensions only.
        if (value[i] !== null && value[i] !== undefined) one(value[i], out);
  };
}

/** `where(resolve() is Patient)` without resolving: the address or Reference.type says what it leads to. */
function leadsTo({ reference, type }: Json, wanted: string): boolean {
  if (type === wanted) return true;
  return typeof reference === 'string' && parseReference(reference).type === wanted;
}

/** Patient.deceased: any time of death counts as true [FHIR R4 patient.html#search]. */
const deceased: Program = (from, out) => {
  const { deceasedBoolean, deceasedDateTime } = from as Json;
  const value = deceasedDateTime !== undefined || deceasedBoolean === true;
  out.push({ type: 'boolean', value });
};
