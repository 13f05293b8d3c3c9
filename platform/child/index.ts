/** The door of child processes: programs of other projects that run beside us. */
export * from './claim.ts';
export { chooseRunAs, findProgram, writeFor } from './run-as.ts';
export type { RunAs, RunAsOptions } from './run-as.ts';
export * from './supervise.ts';
