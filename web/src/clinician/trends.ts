/** Results as series over time: what can be charted, and in which order a clinician looks. Pure. */
import type { Observation } from '@medplum/fhirtypes';
import { conceptText } from '../kit/fhir.ts';
import { readingOrder, resultValue, unitText } from '../kit/observation.ts';

export interface Series {
  label: string;
  points: [at: number, value: number][];
}

export interface Trend {
  /** LOINC code, or the name where there is none. */
  key: string;
  title: string;
  unit: string;
  series: Series[];
  latest: { at: number; text: string };
}

/** Vital signs and the results people live by come first [LOINC]. */
const order = [
  '85354-9', // blood pressure panel
  '55284-4',
  '8867-4', // heart rate
  '2708-6', // oxygen saturation
  '59408-5',
  '8310-5', // body temperature
  '29463-7', // body weight
  '39156-5', // body mass index
  '4548-4', // haemoglobin A1c
  '2339-0', // glucose
  '2345-7',
  '2160-0', // creatinine
  '38483-4',
  '33914-3', // estimated GFR
  '18262-6', // LDL
  '13457-7',
];

interface Value {
  name: string;
  value: number;
  unit: string;
}

function values(item: Observation): Value[] {
  const parts = item.component?.length ? readingOrder(item.component) : [item];
  return parts.flatMap((part) =>
    part.valueQuantity?.value === undefined
      ? []
      : [
          {
            name: conceptText(part.code),
            value: part.valueQuantity.value,
            unit: unitText(part.valueQuantity.unit ?? part.valueQuantity.code),
          },
        ],
  );
}

/** Everything with at least two numbers in one unit; results in another unit than the latest are left out, not converted. */
export function trends(results: Observation[], locale: string): Trend[] {
  const usable = results.filter(
    (item) => item.effectiveDateTime && !['cancelled', 'entered-in-error'].includes(item.status),
  );
  const groups = Map.groupBy(
    usable,
    (item) => item.code.coding?.[0]?.code ?? conceptText(item.code),
  );
  const made = [...groups].flatMap(([key, items]): Trend[] => {
    const dated = items
      .map((item) => ({ at: Date.parse(item.effectiveDateTime!), values: values(item), item }))
      .filter((item) => item.values.length > 0 && !Number.isNaN(item.at))
      .toSorted((one, other) => one.at - other.at);
    const last = dated.at(-1);
    if (!last) return [];
    const unit = last.values[0]!.unit;
    const names = last.values.map((value) => value.name);
    const series = names.map((label) => ({
      label,
      points: dated.flatMap((item) =>
        item.values
          .filter((value) => value.name === label && value.unit === unit)
          .map((value): [number, number] => [item.at, value.value]),
      ),
    }));
    if (series.every((one) => one.points.length < 2)) return [];
    return [
      {
        key,
        title: conceptText(items[0]!.code),
        unit,
        series,
        latest: { at: last.at, text: resultValue(last.item, locale) },
      },
    ];
  });
  const rank = (trend: Trend): number => {
    const at = order.indexOf(trend.key);
    return at < 0 ? order.length : at;
  };
  return made.toSorted(
    (one, other) => rank(one) - rank(other) || one.title.localeCompare(other.title),
  );
}
