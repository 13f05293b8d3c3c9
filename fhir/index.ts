/** The door of the FHIR room: types, refusals, validation, search index and grammar, patches, ownership. Pure. */
export type * from '@medplum/fhirtypes';
export * from './refusal.ts';
export type * from './search-query.ts';
export type * from './indexed.ts';
