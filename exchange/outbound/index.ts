/** The guarded way out: see client.ts. */
export * from './client.ts';
export * from './errors.ts';
export { parseHeaders, headerLimits } from './headers.ts';
export { parseRange } from './addresses.ts';
export type { Resolver } from './resolve.ts';
