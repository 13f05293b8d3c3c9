/** What is kept of the looks at a call: a history to draw, and small parcels for the visit's record. */
import type { QualityRequest, QualitySample } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { mergeSamples } from './quality.ts';

/** Five looks of a second make one sample of the contract's five. */
const looksInSample = 5;
/** Samples go to the server in parcels of two. */
const samplesInParcel = 2;
/** Two hours of samples: what a chart can show of the longest visit. */
const mostKept = 1440;

export class Reporting {
  readonly #visit: string;
  #looks: QualitySample[] = [];
  #parcel: QualitySample[] = [];
  #history: readonly QualitySample[] = [];

  constructor(visit: string) {
    this.#visit = visit;
  }

  /** Every sample of this call so far, oldest first. */
  get history(): readonly QualitySample[] {
    return this.#history;
  }

  add(look: QualitySample): void {
    this.#looks.push(look);
    if (this.#looks.length < looksInSample) return;
    const sample = mergeSamples(this.#looks.splice(0));
    this.#history = [...this.#history.slice(1 - mostKept), sample];
    this.#parcel.push(sample);
    if (this.#parcel.length >= samplesInParcel) void this.send();
  }

  async send(): Promise<void> {
    const samples = this.#parcel.splice(0);
    if (samples.length === 0) return;
    const body: QualityRequest = { samples };
    // Lost samples change nothing for the people who talk: never disturb them with it.
    await api.post(`/api/visits/${this.#visit}/quality`, body).catch(() => undefined);
  }
}
