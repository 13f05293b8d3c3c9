/** For tests of other rooms: what the FHIRPath library finds where our extractors look, and resources of any type. */
export { disagreements, parametersOf } from './extractors.ts';
export { sampleResource } from './samples.ts';
export { runSuite } from './suite.ts';
export type { SuiteResult } from './suite.ts';
