/** What tests of every room stand on: a real database with the real roles, a log that remembers. */
export { testDatabase, type TestDatabase } from './test-database.ts';
export { testLog } from './test-log.ts';
