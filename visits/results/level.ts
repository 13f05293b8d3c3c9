/** How soon a person must look at a result, by what the result itself says: its interpretation, else its reference range. Pure. */
import type {
  CodeableConcept,
  DiagnosticReport,
  Observation,
  ObservationComponent,
  ObservationReferenceRange,
  Quantity,
} from '@afar/fhir';
import type { ResultLevel } from '../contract.ts';

export const levels: readonly ResultLevel[] = ['critical', 'abnormal', 'unrated', 'normal'];

const worst = (found: readonly ResultLevel[]): ResultLevel =>
  levels.find((one) => found.includes(one)) ?? 'unrated';

// [HL7 v3 ObservationInterpretation] A code that is in neither list is looked at by a person: abnormal.
const critical = new Set(['HH', 'LL', 'AA']);
const harmless = new Set(['N', 'NEG', 'ND', 'NR', 'S', 'SYN-S', 'B', 'EXP']);
const harmlessWords = /^(n|normal|negative|not detected|non[- ]?reactive|sensitive|susceptible)$/i;

function ofInterpretation(given: readonly CodeableConcept[]): ResultLevel | undefined {
  const found = given.flatMap(({ coding, text }): ResultLevel[] => {
    const codes = (coding ?? []).flatMap((one) => one.code ?? []);
    if (codes.length === 0) return text ? [harmlessWords.test(text) ? 'normal' : 'abnormal'] : [];
    return codes.map((code) =>
      critical.has(code) ? 'critical' : harmless.has(code) ? 'normal' : 'abnormal',
    );
  });
  return found.length ? worst(found) : undefined;
}

/** A bound in another unit says nothing of the value. */
function comparable(value: Quantity, bound: Quantity | undefined): number | undefined {
  if (bound?.value === undefined) return undefined;
  const names = ({ unit, code }: Quantity): string[] =>
    [unit, code].filter((one) => one !== undefined);
  const [ours, theirs] = [names(value), names(bound)];
  const same = !ours.length || !theirs.length || ours.some((one) => theirs.includes(one));
  return same ? bound.value : undefined;
}

// [FHIR R4 valueset-referencerange-meaning] what is normal, or recommended, not what a treatment aims at.
const isNormalRange = ({ type }: ObservationReferenceRange): boolean => {
  const code = type?.coding?.[0]?.code;
  return code === undefined || code === 'normal' || code === 'recommended' || code === 'type';
};

/** Within, outside, or nothing to say. `<5` is below every low above it [FHIR R4 datatypes.html#Quantity, comparator]. */
function ofRange(value: Quantity, range: ObservationReferenceRange): ResultLevel | undefined {
  const [low, high] = [comparable(value, range.low), comparable(value, range.high)];
  const { value: number, comparator } = value;
  if (number === undefined || (low === undefined && high === undefined)) return undefined;
  const below = low !== undefined && (number < low || (comparator === '<' && number <= low));
  const above = high !== undefined && (number > high || (comparator === '>' && number >= high));
  return below || above ? 'abnormal' : 'normal';
}

/** Several ranges are for different people (age, pregnancy): outside one that is for all, or outside each, is abnormal. */
function ofRanges(
  value: Quantity | undefined,
  ranges: readonly ObservationReferenceRange[],
): ResultLevel | undefined {
  if (!value) return undefined;
  const usable = ranges.filter(isNormalRange).flatMap((range) => {
    const level = ofRange(value, range);
    return level ? [{ level, forAll: !range.appliesTo?.length && !range.age }] : [];
  });
  if (usable.length === 0) return undefined;
  const forAll = usable.filter((one) => one.forAll);
  if (forAll.some((one) => one.level === 'abnormal')) return 'abnormal';
  return usable.every((one) => one.level === 'abnormal') ? 'abnormal' : 'normal';
}

/** One value: the worse of what its interpretation and its range say. A range shows what an interpretation forgot. */
export function levelOfValue(it: Observation | ObservationComponent): ResultLevel {
  const said = [
    ofInterpretation(it.interpretation ?? []),
    ofRanges(it.valueQuantity, it.referenceRange ?? []),
  ].filter((one) => one !== undefined);
  return said.length ? worst(said) : 'unrated';
}

export function levelOf(it: Observation): ResultLevel {
  const parts = (it.component ?? []).map(levelOfValue);
  const whole = levelOfValue(it);
  return parts.length && whole === 'unrated' ? worst(parts) : worst([whole, ...parts]);
}

/** A report is as urgent as its worst value; one whose words alone say it has to be read. */
export function levelOfReport(
  _report: DiagnosticReport,
  values: readonly Observation[],
): ResultLevel {
  return values.length ? worst(values.map(levelOf)) : 'unrated';
}
