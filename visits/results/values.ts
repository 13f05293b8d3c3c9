/** The values of a result as people read them, each with its range and what came before. */
import type { Caller } from '@afar/access';
import type {
  CodeableConcept,
  Observation,
  ObservationComponent,
  ObservationReferenceRange,
} from '@afar/fhir';
import type { ResultValue } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { levelOfValue } from './level.ts';

/** 12 earlier values: a trend, not a history; the chart has all. */
const mostBefore = 12;

export const words = (concept: CodeableConcept | undefined): string =>
  concept?.text ??
  concept?.coding?.find((one) => one.display)?.display ??
  concept?.coding?.[0]?.code ??
  '';

function valueText(it: Observation | ObservationComponent): string {
  const { valueQuantity: quantity } = it;
  if (quantity)
    return `${quantity.comparator ?? ''}${quantity.value ?? ''} ${quantity.unit ?? quantity.code ?? ''}`.trim();
  if (it.valueCodeableConcept) return words(it.valueCodeableConcept);
  return it.valueString ?? it.valueInteger?.toString() ?? it.valueBoolean?.toString() ?? '';
}

function rangeText(ranges: readonly ObservationReferenceRange[] = []): string | undefined {
  const range = ranges[0];
  if (!range) return undefined;
  if (range.text) return range.text;
  const [low, high] = [range.low?.value, range.high?.value];
  const unit = range.low?.unit ?? range.high?.unit ?? '';
  if (low !== undefined && high !== undefined) return `${low} – ${high} ${unit}`.trim();
  if (low !== undefined) return `≥ ${low} ${unit}`.trim();
  return high === undefined ? undefined : `≤ ${high} ${unit}`.trim();
}

type Part = { it: Observation | ObservationComponent; name: string };

function valueOf({ it, name }: Part): ResultValue {
  const range = rangeText(it.referenceRange);
  const { valueQuantity: quantity } = it;
  const code = it.code.coding?.[0]?.code;
  return {
    name,
    value: valueText(it),
    ...(range && { range }),
    level: levelOfValue(it),
    ...(code && { code }),
    ...(quantity?.value !== undefined && { number: quantity.value }),
    ...((quantity?.unit ?? quantity?.code) && { unit: quantity?.unit ?? quantity?.code }),
    before: [],
  };
}

export function valuesIn(observations: readonly Observation[]): ResultValue[] {
  return observations.flatMap((it) => {
    if (!it.component?.length) return [valueOf({ it, name: words(it.code) })];
    return it.component.map((part) => valueOf({ it: part, name: words(part.code) }));
  });
}

/** Earlier numbers of the same code in the same unit, as this caller may see them; one search for all codes of a result. */
export async function withHistory(
  house: House,
  caller: Caller,
  patient: string,
  observations: readonly Observation[],
): Promise<ResultValue[]> {
  const values = valuesIn(observations);
  const codes = values.flatMap((one) => (one.number === undefined || !one.code ? [] : [one.code]));
  if (codes.length === 0) return values;
  const { entry = [] } = await house.records.search(caller, 'Observation', [
    ['patient', `Patient/${patient}`],
    ['code', [...new Set(codes)].join(',')],
    ['_sort', '-date'],
    ['_count', '200'],
  ]);
  const now = new Set(observations.map((one) => one.id));
  const earlier = entry.flatMap(({ resource }) => {
    if (resource?.resourceType !== 'Observation' || now.has(resource.id)) return [];
    const at = Date.parse(resource.effectiveDateTime ?? resource.issued ?? '');
    const gone = resource.status === 'entered-in-error' || resource.status === 'cancelled';
    return Number.isNaN(at) || gone ? [] : valuesIn([resource]).map((value) => ({ at, value }));
  });
  return values.map((value) => ({
    ...value,
    before: earlier
      .filter(
        (one) =>
          one.value.code === value.code &&
          one.value.unit === value.unit &&
          one.value.number !== undefined,
      )
      .slice(0, mostBefore)
      .map((one) => ({ at: iso(one.at), number: one.value.number! }))
      .toReversed(),
  }));
}
