/** A laboratory in tests: sends reports and values as another system does, corrects them, takes them back. */
import type { DiagnosticReport, Observation } from '@afar/fhir';
import { setTimeout as sleep } from 'node:timers/promises';
import { clinicianDirectory } from '../directory.ts';
import type { House } from '../house.ts';
import { visitsDefaults } from '../config.ts';
import { createWatch, type Watch } from '../results/watch.ts';
import type { Clinic } from './clinic.ts';

export interface Measured {
  name?: string;
  code?: string;
  value: number;
  low?: number;
  high?: number;
  interpretation?: string;
}

export interface Laboratory {
  value(patient: string, of: Measured, over?: Partial<Observation>): Promise<string>;
  /** @returns the report's id and those of its values */
  report(
    patient: string,
    order: string | undefined,
    values: Measured[],
    over?: Partial<DiagnosticReport>,
  ): Promise<{ id: string; values: string[] }>;
}

export function observed(patient: string, of: Measured): Observation {
  const { name = 'Potassium', code = '2823-3', value, low = 3.5, high = 5.1, interpretation } = of;
  const unit = 'mmol/L';
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [{ coding: [{ code: 'laboratory' }] }],
    code: { coding: [{ system: 'http://loinc.org', code }], text: name },
    subject: { reference: `Patient/${patient}` },
    valueQuantity: { value, unit },
    referenceRange: [{ low: { value: low, unit }, high: { value: high, unit } }],
    ...(interpretation && { interpretation: [{ coding: [{ code: interpretation }] }] }),
  };
}

export function laboratory({ records, system }: Clinic): Laboratory {
  const value: Laboratory['value'] = async (patient, of, over = {}) =>
    (await records.create(system, { ...observed(patient, of), ...over })).id;
  return {
    value,
    async report(patient, order, values, over = {}) {
      const ids: string[] = [];
      for (const one of values) ids.push(await value(patient, one));
      const made: DiagnosticReport = {
        resourceType: 'DiagnosticReport',
        status: 'final',
        code: { text: 'Basic metabolic panel' },
        subject: { reference: `Patient/${patient}` },
        result: ids.map((id) => ({ reference: `Observation/${id}` })),
        ...(order && { basedOn: [{ reference: `ServiceRequest/${order}` }] }),
        ...over,
      };
      return { id: (await records.create(system, made)).id, values: ids };
    },
  };
}

/** What the clinic's parts are handed, for looking after results by hand. */
export const houseOf = ({ deps }: Clinic): House => ({
  ...deps,
  config: visitsDefaults,
  directory: clinicianDirectory(deps),
});

/** Not started: only sweeps when told to. */
export const watchOf = (clinic: Clinic): Watch => createWatch(houseOf(clinic));

/** Asks until the answer is yes: changes are heard a moment after they were committed. @throws after 8 s, with the last answer */
export async function eventually<T>(
  ask: () => Promise<T>,
  yes: (answer: T) => boolean,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    const answer = await ask();
    if (yes(answer)) return answer;
    if (tries > 160) throw new Error(`it did not come to that: ${JSON.stringify(answer)}`);
    await sleep(50);
  }
}
