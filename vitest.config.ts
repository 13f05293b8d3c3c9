/** Three kinds of test: pure (`*.test.ts`), against a real PostgreSQL (`*.int.test.ts`), and on the whole product (`e2e/`). */
import { defineConfig } from 'vitest/config';

// A shared continuous-integration machine stalls for seconds at times; what needed a second try is marked in the output.
// Browser tests get none: a race of the product shows there first, and must not pass at the second look.
const retry = process.env.CI ? 1 : 0;

// On another server these would only do the same again: they start the embedded PostgreSQL themselves, judge our code, or go
// through many layers to statements that a test of their own room runs there as well.
const once = [
  'records/twin-worlds/**',
  'platform/postgres/**',
  'platform/delivery/**',
  'access/external/**',
  'access/oauth/**',
  'access/routes/**',
  'exchange/*.int.test.ts',
  'exchange/{graphql,outbound}/**',
  'exchange/bulk/{crash,import}.int.test.ts',
  'exchange/subscriptions/{asking,crash,policy}.int.test.ts',
  'terminology/**',
  'visits/room/**',
  'server/cli/**',
  'server/hardening.int.test.ts',
  'server/idor.int.test.ts',
  'server/leak.int.test.ts',
  'server/start.int.test.ts',
  'server/tenants.int.test.ts',
  'server/trail.int.test.ts',
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
          // Each waits for disks, processes and clocks for a third of its time.
          maxWorkers: 3,
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
          // Each starts a product and browsers of its own; much of the time they wait for pages to come to rest.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
