/** The door of the FHIR room: types, refusals, validation, search index and grammar, patches, ownership. Pure. */
export type * from '@medplum/fhirtypes';
export * from './refusal.ts';
export { resourceClass, resourceTypes, isResourceType } from './resource-class.ts';
export type { ResourceClass, ResourceType } from './resource-class.ts';
export { validate } from './validate.ts';
export { dateInterval, tryDateInterval } from './dates.ts';
export type { Interval } from './dates.ts';
export { parseReference } from './reference-shape.ts';
export type { Literal } from './reference-shape.ts';
export type * from './search-query.ts';
export type * from './indexed.ts';
export { index } from './index-resource.ts';
export { fold } from './fold.ts';
export { searchParams } from './search-params.ts';
export type { SearchParam, Composite } from './search-params.ts';
export { ownerOf, ownerPath, patientsOf, compartmentParams } from './ownership.ts';
export type { Owner } from './ownership.ts';
