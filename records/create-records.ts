/** Puts the room together. */
import type { Records, RecordsDeps } from './types.ts';

export declare function createRecords(deps: RecordsDeps): Promise<Records>;
