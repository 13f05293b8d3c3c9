/** What stands out: each rule as data, and what an event of the trail counts for. Pure. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { nobody, systemId } from '../caller.ts';
import type { Origin } from '../audit/origin.ts';
import type { EventRow } from '../audit/row.ts';

export const ruleNames = [
  'many-patients',
  'break-glass-burst',
  'break-glass-unreviewed',
  'refusals',
  'places',
  'night',
  'exports',
  'wrong-access',
  'seal-broken',
] as const;
export type RuleName = (typeof ruleNames)[number];

export interface Rule {
  enabled: boolean;
  /** This many distinct things within the window stand out; one fewer does not. */
  threshold: number;
  /** Sliding, ms. */
  windowMs: number;
  /** How long the person is held up, ms; 0: not at all. */
  throttleMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** As the program comes; a clinic's own are in access.anomaly_rule. */
export const standardRules: Readonly<Record<RuleName, Rule>> = {
  // A ward round, a call centre's day and a list of appointments stay below; copying out a clinic does not.
  'many-patients': { enabled: true, threshold: 500, windowMs: hour, throttleMs: hour },
  // Distinct patients opened by break-glass: one emergency has one patient, a bad night three or four.
  'break-glass-burst': { enabled: true, threshold: 5, windowMs: hour, throttleMs: 0 },
  // Told by `sharing`: charts a person opened that nobody has looked at within this window; said again after it.
  'break-glass-unreviewed': { enabled: true, threshold: 1, windowMs: 72 * hour, throttleMs: 0 },
  // Trying other people's ids looks like this; so does a broken program, which somebody should hear of too.
  refusals: { enabled: true, threshold: 50, windowMs: 10 * minute, throttleMs: 0 },
  // Addresses are not turned into places: that takes a database that is bought, and is wrong for mobile networks. A person has
  // a phone and a desk, two networks at most; a third within a quarter of an hour is not travel.
  places: { enabled: true, threshold: 3, windowMs: 15 * minute, throttleMs: 0 },
  // Distinct patients between 22 and 6 UTC by one person: above a night shift's own ward.
  night: { enabled: true, threshold: 60, windowMs: 8 * hour, throttleMs: 0 },
  // Whole charts and bulk files, each asking counted.
  exports: { enabled: true, threshold: 20, windowMs: hour, throttleMs: 0 },
  // A patient says that somebody had no business in her record: each one is told.
  'wrong-access': { enabled: true, threshold: 1, windowMs: 1, throttleMs: 0 },
  // A sealed value does not open in its place: changed or swapped in the database.
  'seal-broken': { enabled: true, threshold: 1, windowMs: 10 * minute, throttleMs: 0 },
};

/** One distinct thing a person did that a rule counts. */
export interface Signal {
  rule: RuleName;
  /** A patient, an event, a network: as a uuid, whatever it is. */
  item: string;
}

const exportActions = new Set(['everything', 'export', 'export-page', 'evidence', 'download']);
const nightStarts = 22;
const nightEnds = 6;

/** Sixteen bytes of a hash in the form of a uuid: what is counted is compared, never read back. */
export function hashedItem(...parts: string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** The network an address belongs to: what one provider gives one line, cut wide (IPv4 /16, IPv6 /32). */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+)\.\d+\.\d+$/i.exec(ip)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(ip)) return ip.split('.', 2).join('.');
  const [head = ''] = ip.toLowerCase().split('%')[0]!.split('::', 1);
  const groups = [...head.split(':').filter(Boolean), '0', '0'];
  return groups
    .slice(0, 2)
    .map((group) => group.padStart(4, '0'))
    .join(':');
}

// A person's requests share the origin that was sealed for them: its network is hashed once.
const places = new WeakMap<Origin, { secret: string; item: string }>();

function placeOf(origin: Origin, secret: string): string {
  const known = places.get(origin);
  if (known?.secret === secret) return known.item;
  const item = hashedItem(secret, networkOf(origin.ip));
  places.set(origin, { secret, item });
  return item;
}

/**
 * What an event counts for. Programs and the house itself are not people: their numbers are their work.
 * @param secret mixed into networks, so that a table of them says nothing
 */
export function signalsOf(
  row: Pick<EventRow, 'who' | 'role' | 'id' | 'at' | 'outcome' | 'patients' | 'purpose' | 'action'>,
  origin: Origin | undefined,
  secret: string,
): Signal[] {
  if (row.who === nobody || row.who === systemId || row.role === 'system') return [];
  const found: Signal[] = [];
  if (row.outcome === 4) found.push({ rule: 'refusals', item: row.id });
  if (row.outcome === 0) {
    const clock = Math.floor(row.at / hour) % 24;
    const night = clock >= nightStarts || clock < nightEnds;
    for (const item of row.patients ?? []) {
      found.push({ rule: 'many-patients', item });
      if (row.purpose === 'ETREAT') found.push({ rule: 'break-glass-burst', item });
      if (night && row.role !== 'patient') found.push({ rule: 'night', item });
    }
    if (exportActions.has(row.action)) found.push({ rule: 'exports', item: row.id });
    if (origin?.ip) found.push({ rule: 'places', item: placeOf(origin, secret) });
  }
  return found;
}
