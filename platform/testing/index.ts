/** What tests of every room stand on: a real database with the real roles, real keys, a log that remembers. */
export { testDatabase, type TestDatabase } from './test-database.ts';
export { testKeys, type TestKeys } from './test-keys.ts';
export { testLog } from './test-log.ts';
export { freshKey } from '../keys/data-key.ts';
