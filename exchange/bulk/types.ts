/** Bulk jobs: what was asked for, where the work stands, what it made. */
import type { StoodFor } from '@afar/access';

export type JobKind = 'export' | 'import';
export type JobState = 'running' | 'done' | 'failed';

/** Sealed in the job's row. */
export interface ExportRequest {
  kind: 'export';
  who: StoodFor;
  /** The address as it was asked, for the manifest. */
  url: string;
  /** Whole system, all patients, or those of a group. */
  level: 'system' | 'patient' | 'group';
  /** Ascending; undefined: all there are. */
  types?: string[];
  /** ms since epoch; changed at it or later. */
  since?: number;
  elements?: string[];
  /** By type: any of the queries. */
  filters: Record<string, [string, string][][]>;
  /** rids named by the request or the group, ascending. */
  patients?: string[];
}

export interface ImportInput {
  type?: string;
  /** Absent: the ndjson that was posted, kept as file `number`. */
  url?: string;
  number?: number;
}

export interface ImportRequest {
  kind: 'import';
  who: StoodFor;
  url: string;
  inputs: ImportInput[];
}

export type Request = ExportRequest | ImportRequest;

export interface JobRow {
  tenant: number;
  id: string;
  kind: JobKind;
  state: JobState;
  creator: string;
  kid: string;
  sealed: Buffer;
  roster: Buffer | null;
  made: number;
  place: Place;
  step: number;
  steps: number;
  fault: Fault | null;
  expires: number;
  attempts: number;
}

/** Where the work goes on. */
export interface Place {
  /** Number of the next file. */
  file: number;
  /** Export: the step of the plan, and the last row of it that was looked at. */
  after?: { of: string; type: string; rid: string };
  /** Import: lines of the input that are done with, and how they fared. */
  line?: number;
  taken?: number;
  refused?: number;
}

export type Fault = 'cancelled' | 'no-longer-allowed' | 'gave-up';

export type FileKind = 'output' | 'deleted' | 'error' | 'input';

export interface FileRow {
  number: number;
  kind: FileKind;
  /** Of what is in it; for what was deleted, the type of that. */
  type: string;
  /** The step of the plan, or the input, that it came from. */
  source: number;
  count: number;
  bytes: number;
  patients: string[];
  standing: Buffer | null;
}
