/** Three kinds of test: pure (`*.test.ts`), against a real PostgreSQL (`*.int.test.ts`), and on the whole product (`e2e/`). */
import { defineConfig } from 'vitest/config';

// A shared continuous-integration machine stalls for seconds at times; what needed a second try is marked in the output.
// Browser tests get none: a race of the product shows there first, and must not pass at the second look.
const retry = process.env.CI ? 1 : 0;

// What an older server could do otherwise: our schema, the statements of the record store, constraints and locks of booking. The rest goes
// through them to the same statements, and would only do the same again.
const onEveryServer = [
  'platform/database/**/*.int.test.ts',
  'platform/*.int.test.ts',
  'records/*.int.test.ts',
  'records/{audit,binary,consent,graph,history,import,parameters,policy,search,write}/**/*.int.test.ts',
  'access/{audit,consent}/**/*.int.test.ts',
  'visits/{scheduling,waitlist}/**/*.int.test.ts',
  'server/schema.int.test.ts',
];

/** Replace a module by another of theirs, so that they share none with other tests. */
const replacing = ['**/*-gate.int.test.ts'];

const integration = {
  globalSetup: ['platform/testing/global-setup.ts'],
  pool: 'forks' as const,
  // Each waits for disks, processes and clocks for a third of its time.
  maxWorkers: 3,
  retry,
  testTimeout: 30_000,
  hookTimeout: 60_000,
};

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
          // By itself it leaves a core to nobody.
          maxWorkers: 2,
          pool: 'threads',
        },
      },
      {
        test: {
          ...integration,
          name: 'integration',
          include: process.env.AFAR_TEST_DATABASE_URL ? onEveryServer : ['**/*.int.test.ts'],
          exclude: [...exclude, 'e2e/**', ...replacing],
          // A quarter of the time went into loading the same modules for each file again.
          isolate: false,
        },
      },
      {
        test: {
          ...integration,
          name: 'integration-apart',
          include: process.env.AFAR_TEST_DATABASE_URL ? [] : replacing,
          exclude,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['e2e/**/*.test.ts'],
          exclude,
          globalSetup: ['e2e/global-setup.ts'],
          setupFiles: ['e2e/on-failure.ts'],
          pool: 'forks',
          // Each starts a product and browsers of its own; much of the time they wait for pages to come to rest.
          maxWorkers: 3,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
