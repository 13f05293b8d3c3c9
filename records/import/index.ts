/** Import: FHIR bundles and ndjson from files, under ids that make a second run change nothing. */
export type { ImportOptions, ImportProgress, ImportReport } from './import-files.ts';
export { importFiles } from './import-files.ts';
