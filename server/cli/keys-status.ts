/** `keys status`: provider, keys and epochs, where rotations stand, when the last backup was, and what is due. */
import { progressOf } from '@afar/records';
import type { KeyWork } from '@afar/records';
import type { House } from '../house.ts';
import { chosenTenant } from './chosen-tenant.ts';

const dayMs = 24 * 3_600_000;
/** A year: what NIST SP 800-57 part 1, 5.3.6 gives a key that seals much at most two years. */
const dataKeyDays = 365;
/** Two days: copies are made daily and kept for a week at most. */
const backupDays = 2;

const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
const line = (name: string, text: string) => console.log(`${name.padEnd(14)} ${text}`);

/** @param count whether every table is read for what lies under which key */
export async function keysStatus(
  { db, keys, clock }: House,
  work: KeyWork,
  { count }: { count: boolean },
): Promise<void> {
  const tenant = chosenTenant();
  await keys.tenant(tenant);
  const { admin } = keys;
  const status = admin.status(tenant);
  const now = clock.now();
  const due: string[] = [];

  const version = status.kekVersion === undefined ? '' : `, version ${status.kekVersion}`;
  line('provider', `${status.provider}${version}`);
  if (status.provider !== admin.providers.current.id)
    due.push(`keys rotate --kek: the keys are to be wrapped by ${admin.providers.current.id}`);
  line('epoch', String(status.epoch));
  for (const { kind, state, epoch, n, since } of status.keys) {
    const whose = kind === 'tenant' ? 'clinic keys' : 'patient keys';
    line(whose, `${n} ${state}, epoch ${epoch}, the oldest of ${day(since)}`);
    if (kind === 'tenant' && state === 'current' && now - since > dataKeyDays * dayMs)
      due.push(`keys rotate --data: the clinic's key is older than ${dataKeyDays} days`);
  }
  for (const { version: index, n } of status.indexKeys)
    line('index keys', `${n} of version ${index}`);
  if (status.index)
    line(
      'index',
      `version ${status.index.target}, ${status.index.phase} since ${day(status.index.at)}`,
    );
  line(
    'erased',
    `${status.erased.n} keys${status.erased.last === null ? '' : `, the last ${day(status.erased.last)}`}`,
  );

  for (const kind of ['data', 'index'] as const) {
    const progress = await progressOf(db, tenant, kind);
    if (!progress) continue;
    const { step, store, seen, moved, started, finished } = progress;
    const where = finished
      ? `finished ${day(finished)}`
      : `at "${step}"${store ? `, ${store}` : ''}`;
    line(`${kind} rotation`, `of ${day(started)}, ${where}; ${seen} looked at, ${moved} changed`);
    if (finished === null) due.push(`keys rotate --${kind}: it was broken off`);
  }

  const backup = admin.fact('backup');
  const made = backup
    ? (JSON.parse(backup) as { at: number; epochs: Record<string, number> })
    : undefined;
  line('last backup', made ? `${day(made.at)}, epoch ${made.epochs[tenant]}` : 'none');
  if (!made || now - made.at > backupDays * dayMs) due.push('keys backup FILE');
  else if (made.epochs[tenant] !== status.epoch)
    due.push('keys backup FILE: the last one is of a past epoch and opens nothing any more');

  const old = new Set(admin.oldKeys(tenant).map((key) => key.kid));
  if (count) {
    console.log('\nvalues under the keys of today, and under old ones:');
    for (const { store, kids } of await work.census(tenant)) {
      let [current, under] = [0, 0];
      for (const [kid, n] of kids)
        if (old.has(kid)) under += n;
        else current += n;
      const why =
        under === 0
          ? ''
          : { resealed: '', expires: ' (gone within a day)', kept: ' (never changed)' }[store.fate];
      console.log(
        `  ${store.name.padEnd(22)} ${String(current).padStart(9)} ${String(under).padStart(9)}${why}`,
      );
    }
  } else if (old.size > 0)
    line('old keys', `${old.size}, kept for what lies under them: --count says what`);

  console.log(due.length ? '\ndue:' : '\nNothing is due.');
  for (const one of due) console.log(`  ${one}`);
}
