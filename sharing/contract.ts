/** What the web app and the sharing routes say to each other over HTTP: types only, no code. */
export type * from './break-glass/contract.ts';
export type * from './dispense/contract.ts';
export type * from './links/contract.ts';
export type * from './reach/contract.ts';
