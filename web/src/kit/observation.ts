/** A result's value as a person reads it. Pure. */
import type { Observation, ObservationComponent, Quantity } from '@medplum/fhirtypes';
import { conceptText } from './fhir.ts';

/** UCUM's machine forms that have a usual written one; others are shown as they are. */
const written: Record<string, string> = {
  'mm[Hg]': 'mmHg',
  '{score}': '',
  '{#}': '',
  '1': '',
  '10*3/uL': '×10³/µL',
  '10*6/uL': '×10⁶/µL',
  Cel: '°C',
  'kg/m2': 'kg/m²',
  '/min': '/min',
};

export const unitText = (unit: string | undefined): string =>
  unit === undefined ? '' : (written[unit] ?? unit);

function quantity(value: Quantity, locale: string): string {
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(
    value.value ?? Number.NaN,
  );
  return `${value.comparator ?? ''}${number} ${unitText(value.unit ?? value.code)}`.trim();
}

function one(item: Observation | ObservationComponent, locale: string): string {
  if (item.valueQuantity) return quantity(item.valueQuantity, locale);
  if (item.valueCodeableConcept) return conceptText(item.valueCodeableConcept);
  if (item.valueString) return item.valueString;
  if (item.valueInteger !== undefined) return String(item.valueInteger);
  return item.valueBoolean === undefined ? '' : String(item.valueBoolean);
}

/** "5.6 %"; a blood pressure as "132 / 84 mmHg"; other panels part by part. */
export function resultValue(item: Observation, locale: string): string {
  const parts = item.component ?? [];
  if (parts.length === 0) return one(item, locale);
  const units = new Set(parts.map((part) => part.valueQuantity?.unit ?? part.valueQuantity?.code));
  if (parts.length === 2 && units.size === 1 && !units.has(undefined)) {
    const [first, second] = readingOrder(parts);
    const number = (part: ObservationComponent): string =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(
        part.valueQuantity?.value ?? Number.NaN,
      );
    return `${number(first!)} / ${number(second!)} ${unitText([...units][0])}`;
  }
  return parts.map((part) => `${conceptText(part.code)}: ${one(part, locale)}`).join(' · ');
}

const rank = (part: ObservationComponent): number =>
  // Diastolic is 8462-4, systolic 8480-6 [LOINC].
  part.code.coding?.some((coding) => coding.code === '8462-4') ? 1 : 0;

/** Parts as people read them: systolic before diastolic, whatever order they were written in. */
export const readingOrder = (parts: ObservationComponent[]): ObservationComponent[] =>
  parts.toSorted((one, other) => rank(one) - rank(other));
