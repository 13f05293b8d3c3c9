/** Links outlive nobody's right to give them: those of a proxy whose time is over, or of an account that was shut, end. */
import { systemCaller } from '@afar/access';
import { within } from '@afar/platform';
import { reachChannel, type ReachChanged } from '@afar/records';
import type { SharingDeps } from '../create-sharing.ts';
import { revokeLink } from './list.ts';
import { choiceOf } from './kinds.ts';
import { linkColumns, type LinkRow } from './store.ts';

/** Whether whoever made a link could make it now. */
export async function stillGiven(
  { access, records }: Pick<SharingDeps, 'access' | 'records'>,
  row: Pick<LinkRow, 'tenant' | 'maker' | 'patient' | 'classes'>,
): Promise<boolean> {
  const { tenant, maker, patient, classes } = row;
  const caller = await access.standIn({ tenant, kind: 'user', id: maker }, 'share');
  const speaks = caller && (await records.speaks(caller, patient));
  return speaks !== undefined && (speaks.whole || choiceOf(classes).item !== undefined);
}

/** Follows who may still share, until the function it returns is called; what is missed is found when a link is opened. */
export function followMakers(deps: SharingDeps): () => void {
  const { access, clock, db, events, log } = deps;

  async function recheck(tenant: number, column: 'patient' | 'maker', id: string): Promise<void> {
    const { rows } = await db.query<LinkRow>({
      name: `sharing.live-links-of-${column}`,
      text: `select ${linkColumns} from sharing.link where tenant = $1 and ${column} = $2 and ended is null and expires > $3`,
      values: [tenant, id, clock.now()],
    });
    for (const row of rows)
      if (!(await stillGiven(deps, row)))
        await revokeLink(deps, systemCaller(tenant, clock, 'share'), row);
  }
  const unlooked = (error: unknown): void =>
    log.warn({ err: error }, 'links were not looked at again');
  const stops = [
    events.subscribe(
      reachChannel,
      (payload) => {
        const { tenant, patient } = payload as unknown as ReachChanged;
        within(tenant, () => recheck(tenant, 'patient', patient)).catch(unlooked);
      },
      () => undefined,
    ),
    access.onEnded(
      ({ tenant, account }) => {
        within(tenant, async () => {
          // Most sessions end with nothing else.
          const who = await access.accounts.get(tenant, account);
          if (who?.status === 'disabled') await recheck(tenant, 'maker', account);
        }).catch(unlooked);
      },
      () => undefined,
    ),
  ];
  return () => stops.forEach((stop) => stop());
}
