/** What makes one demo patient: who it is, and how the chart is written. */
import type { Chart } from '../chart.ts';
import type { Ranges } from '../measurements.ts';
import type { Person } from '../person.ts';

export interface Story {
  person: Person;
  /** Ranges that hold for this patient instead of the common ones. */
  ranges?: Ranges;
  /** Time zone of the account, when the patient has one. */
  zone?: string;
  write(chart: Chart): void;
}
