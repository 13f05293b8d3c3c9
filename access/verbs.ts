/** The interactions a policy speaks of [FHIR R4 http.html]. */
export type Verb =
  | 'create'
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history'
  | 'search';

export const verbs: readonly Verb[] = [
  'create',
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history',
  'search',
];
