/** Three kinds of test: pure (`*.test.ts`), against a real PostgreSQL (`*.int.test.ts`), and on the whole product (`e2e/`). */
import { defineConfig } from 'vitest/config';

// A shared continuous-integration machine stalls for seconds at times; what needed a second try is marked in the output.
// Browser tests get none: a race of the product shows there first, and must not pass at the second look.
const retry = process.env.CI ? 1 : 0;

// On another server these would only do the same again: they start the embedded PostgreSQL themselves, or judge our code.
const once = [
  'records/twin-worlds/mutation-gate.int.test.ts',
  'platform/postgres/**',
  'server/start.int.test.ts',
  'server/leak.int.test.ts',
  'server/cli/**',
];

const exclude = ['**/node_modules/**', 'web/dist/**', '.afar*/**'];

export default defineConfig({
  test: {
    pool: 'threads',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...exclude, '**/*.int.test.ts', 'e2e/**'],
          isolate: false,
          pool: 'threads',
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.int.test.ts'],
          exclude: [...exclude, 'e2e/**', ...(process.env.AFAR_TEST_DATABASE_URL ? once : [])],
          globalSetup: ['platform/testing/global-setup.ts'],
          pool: 'forks',
          maxWorkers: 2,
          retry,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['e2e/**/*.test.ts'],
          exclude,
          pool: 'forks',
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
