/** Where a call stands: one's own phase, and everybody else in the room. Pure. */
import type {
  MediaState,
  Peer as Seat,
  RevokeReason,
  RoomState,
  SeatRole,
} from '@afar/visits/contract';
import type { Member } from './agreement.ts';

/** Who carries the media. */
export type EngineName = RoomState['engine'];

export type Phase =
  /** On the way to the server. */
  | 'joining'
  /** Seated; nobody else is here. */
  | 'alone'
  /** Finding each other and agreeing on keys. */
  | 'securing'
  | 'live'
  /** Was live; the way is cut and being mended. */
  | 'mending'
  /** Over for good; see `over`. */
  | 'over';

/** Somebody else in the room. */
export interface RemotePerson extends Seat {
  /** Voice and camera. */
  stream: MediaStream;
  /** Her shared screen, while there is one. */
  screen?: MediaStream;
  /** What she says to oneself alone, from when she first did. */
  aside?: MediaStream;
  /** Frames of hers come that cannot be opened: nothing of them is shown. */
  blind: boolean;
  /** She is heard now. */
  speaking: boolean;
}

export interface LinkState {
  phase: Phase;
  /** Ten digits, once everybody has shown a key. */
  code?: string;
  /** The other one of a call of two; of more, whoever comes first. */
  remote: MediaStream;
  remoteScreen?: MediaStream;
  remoteMedia?: MediaState;
  remotePresent: boolean;
  /** One's own seat, once taken. */
  own?: Seat;
  /** Everybody else on the roster who has a seat, observers too. */
  people: readonly RemotePerson[];
  /** Who speaks, or spoke last. */
  speaker?: string;
  engine: EngineName;
  /** tampered: the key exchange was broken into. unopened: frames come that cannot be opened. */
  warning?: 'tampered' | 'unopened';
  over?: RevokeReason | 'refused' | 'left';
  restarts: number;
}

export const firstState = (): LinkState => ({
  phase: 'joining',
  remote: new MediaStream(),
  remotePresent: false,
  people: [],
  engine: 'p2p',
  restarts: 0,
});

/** Who a seat is, as the safety code's transcript names her. */
export const roleOf = ({ role, as }: Pick<Seat, 'role' | 'as'>): string =>
  as ? `${role} ${as}` : role;

/** The members of an epoch: everybody seated, and oneself. */
export const membersOf = (roster: readonly Seat[], own: string): Member[] =>
  roster
    .filter((seat) => seat.seated || seat.peer === own)
    .map((seat) => ({ peer: seat.peer, session: seat.session, role: roleOf(seat) }));

/** The other one of the visit: of a clinician the patient, of everybody else the clinician. */
export const counterpartOf = (role: SeatRole): SeatRole =>
  role === 'clinician' ? 'patient' : 'clinician';

/** Who is shown where there is room for one: the other one of the visit, else whoever is seen. */
export function firstOf(own: Seat, seated: readonly RemotePerson[]): RemotePerson | undefined {
  const seen = seated.filter((person) => !person.hidden);
  return seen.find(({ role }) => role === counterpartOf(own.role)) ?? seen[0];
}

/** True where tiles must say who is who: of more than two, and of two when the other is not whom the visit is with. A visit of two looks as it always did. */
export function isGroup({ own, people }: Pick<LinkState, 'own' | 'people'>): boolean {
  return people.filter((person) => person.seated).length > 1 || isWithout({ own, people });
}

/** Somebody is here, and the other one of the visit is not. */
export function isWithout({ own, people }: Pick<LinkState, 'own' | 'people'>): boolean {
  const seated = people.filter((person) => person.seated);
  return (
    own !== undefined &&
    seated.length > 0 &&
    !seated.some(({ role }) => role === counterpartOf(own.role))
  );
}

/** Whom one may speak to aside now: only an engine between can keep it from the others [signalling.md R10]. */
export function asideTo({
  own,
  people,
  engine,
}: Pick<LinkState, 'own' | 'people' | 'engine'>): readonly RemotePerson[] {
  if (engine !== 'sfu') return [];
  return people.filter(({ peer, seated }) => seated && own?.whispersTo?.includes(peer));
}

/** One person of the roster as she is shown: what comes of her now, else what was there before. */
export function personOf(
  seat: Seat,
  shown: Pick<RemotePerson, 'stream' | 'screen' | 'aside'> | undefined,
  blind: boolean,
  before: RemotePerson | undefined,
): RemotePerson {
  const screen = seat.media.screen ? shown?.screen : undefined;
  return {
    ...seat,
    stream: shown?.stream ?? before?.stream ?? new MediaStream(),
    ...(screen ? { screen } : {}),
    ...(shown?.aside ? { aside: shown.aside } : {}),
    blind,
    speaking: before?.speaking ?? false,
  };
}

/** What changes by who is heard and who speaks; undefined when all is as it was, and nothing has to be drawn. */
export function heardNow(
  { people, speaker: before }: Pick<LinkState, 'people' | 'speaker'>,
  now: ReadonlySet<string>,
  speaker: string | undefined,
): Pick<LinkState, 'people' | 'speaker'> | undefined {
  const asBefore = people.every(({ peer, speaking }) => speaking === now.has(peer));
  if (asBefore && (speaker === undefined || speaker === before)) return undefined;
  return {
    people: people.map((one) => ({ ...one, speaking: now.has(one.peer) })),
    ...(speaker !== undefined && { speaker }),
  };
}

/** The phase that follows; `flows`: keys are agreed upon and media is connected. */
export function phaseAfter(
  before: Phase,
  now: { epoch: number; seated: number; flows: boolean },
): Phase {
  if (before === 'joining' && now.epoch === 0) return 'joining';
  if (now.seated === 0) return 'alone';
  if (now.flows) return 'live';
  return before === 'live' || before === 'mending' ? 'mending' : 'securing';
}

/** When to heed what somebody said: now; later, for the roster that shows her in that session is on its way; or never, her session is over. */
export function timeOf(
  { from, session }: { from: string; session: number },
  roster: readonly Seat[],
): 'now' | 'later' | 'never' {
  const seat = roster.find(({ peer }) => peer === from);
  if (!seat || session > seat.session) return 'later';
  return session < seat.session ? 'never' : 'now';
}
