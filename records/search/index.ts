/** Search: from a query to a page of resources the caller may see. */
export type { Search, SearchOptions } from './search.ts';
export { createSearch } from './search.ts';
export type { Answer } from './answer.ts';
export { ofCompartment, ofSystem } from './places.ts';
export type { Place } from './places.ts';
export { bundleOf, jsonOf, namesForTrail, patientsIn } from './answer.ts';
