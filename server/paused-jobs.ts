/** Jobs stand still while what they would write is locked down, and go on when it is lifted: none of them is lost. */
import type { Access } from '@afar/access';
import { everywhere } from '@afar/access';
import { everyTenant, type Jobs, type Log } from '@afar/platform';

/**
 * Starts the jobs and keeps them from running in a lockdown of everything, or of the only tenant. With several tenants the jobs
 * of a locked one are refused where they write, and tried again later.
 * @param only the tenant of an installation that serves one
 * @returns the way to stop
 */
export async function startPausable(
  jobs: Jobs,
  { lockdown }: Pick<Access, 'lockdown'>,
  only: () => number | undefined,
  log: Log,
): Promise<() => Promise<void>> {
  const { flag } = lockdown;
  let last: Promise<void> = Promise.resolve();
  let stopped = false;
  const settle = (): Promise<void> =>
    (last = last
      .then(async () => {
        const locked = stopped || flag.lockOf(only() ?? everywhere) !== undefined;
        if (locked) await jobs.stop();
        else await everyTenant(() => jobs.start());
      })
      .catch((error: unknown) => log.error({ err: error }, 'jobs were not paused or resumed')));
  const unhear = flag.onChanged(() => void settle());
  await settle();
  return () => {
    stopped = true;
    unhear();
    return settle();
  };
}
