/** What the web app and the sharing routes say to each other over HTTP: types only, no code. */
export * from './break-glass/contract.ts';
