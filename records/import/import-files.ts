/** Loads files of FHIR bundles or ndjson through the record store. */
import type { Records } from '../index.ts';

export interface ImportProgress {
  /** Base name of the file: may hold a patient's name, for the terminal only. */
  file: string;
  done: number;
  total: number;
  state: 'loading' | 'done' | 'waiting' | 'failed';
}

export interface ImportOptions {
  onProgress?: (progress: ImportProgress) => void;
  /** Files in flight at one time; 2 by default. */
  concurrency?: number;
  tenant?: number;
}

export interface ImportReport {
  files: number;
  resources: number;
  /** Resources that were there already, by type. */
  byType: Record<string, number>;
  /** Files that wait for something that never came, and why. For the terminal only. */
  waiting: { file: string; reason: string }[];
  failed: { file: string; reason: string }[];
}

export declare function importFiles(
  records: Records,
  files: string[],
  opts?: ImportOptions,
): Promise<ImportReport>;
