/** Who runs PostgreSQL: it refuses to run as root, so root starts it as the `postgres` (else `nobody`) user. */
import { chooseRunAs, type RunAs } from '../child/run-as.ts';
import type { Binaries } from './binaries.ts';

export type { RunAs };

/** @throws Error that names the folder when there is no way */
export const postgresRunAs = (binaries: Binaries, folder: string): RunAs =>
  chooseRunAs({
    program: binaries.postgres,
    folder,
    users: ['postgres', 'nobody'],
    name: 'PostgreSQL',
  });
