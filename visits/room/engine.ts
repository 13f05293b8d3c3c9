/** Media of a room: which engine as many people need, what a seat may do there, and its link to an engine behind our socket. */
import type { House } from '../house.ts';
import type {
  EngineName,
  Grants,
  MediaBackend,
  MediaEngines,
  MediaLink,
  RoomRef,
} from '../media/port.ts';
import type { SfuRequest } from '../media/negotiation.ts';
import type { IceServer, LiveKitAccess } from '../messages.ts';
import type { Connection, Held } from './connection.ts';
import { mostSeats, type Seat } from './seats.ts';

/** 10 s: both ends keep the old media until the new one flows; a slow phone needs four. */
const oldLinkMs = 10_000;

/** Two talk to each other; more need a server between them. A house without one never has more (admission refuses). */
export const engineFor = ({ many }: MediaEngines, people: number): EngineName =>
  people > 2 && many ? many.engine : 'p2p';

/** How many may sit in one room of this house. */
export const seatsIn = ({ many }: MediaEngines): number =>
  many ? Math.min(mostSeats, many.caps.maxPeers) : 2;

/** Whether anybody may speak aside in a room of this house. */
export const canWhisper = ({ many }: MediaEngines): boolean => many?.caps.whispers ?? false;

export const backendOf = ({ two, many }: MediaEngines, engine: EngineName): MediaBackend =>
  engine === 'p2p' || !many ? two : many;

/** An observer is sent everything and sends nothing; who whispers reaches those that the clinician named. */
export const grantsOf = ({ kind, whispers }: Pick<Seat, 'kind' | 'whispers'>): Grants => ({
  publish: kind !== 'observer',
  subscribe: true,
  hidden: kind === 'observer',
  ...(whispers.length > 0 && { whispersTo: whispers }),
});

/** ICE servers, and a way into LiveKit where that is the engine. */
export async function mediaFor(
  house: House,
  room: RoomRef,
  seat: Pick<Seat, 'peer' | 'role' | 'kind' | 'whispers'>,
  engine: EngineName,
): Promise<{ iceServers: IceServer[]; livekit?: LiveKitAccess }> {
  const backend = backendOf(house.media, engine);
  const { iceServers, livekit } = await backend.ticket(room, seat.peer, seat.role, grantsOf(seat));
  return { iceServers, ...(livekit && { livekit }) };
}

/** Makes the engine's room before anybody is sent there; safe to repeat, from any process. */
export async function openAt(house: House, room: RoomRef, engine: EngineName): Promise<void> {
  if (engine === 'p2p') return;
  const policy = { maxPeers: seatsIn(house.media), record: false };
  await backendOf(house.media, engine).open(room, policy);
}

async function begin(house: House, on: Connection, held: Held): Promise<MediaLink | undefined> {
  const { tenant, visit } = on;
  const { many } = house.media;
  try {
    const link = await many?.link?.(
      { tenant, visit },
      held.peer,
      grantsOf(held),
      (said) => {
        if (on.held === held) on.send(said);
      },
      held.session,
    );
    // The seat went while the engine answered: its media must not outlive it.
    if (on.held !== held) await link?.close();
    return link;
  } catch (error) {
    house.log.warn({ err: error, visit }, 'the media engine gave no link');
    delete held.link;
    on.send({ type: 'error', code: 'no-engine', fatal: false });
    return undefined;
  }
}

/** Ends a seat's link, whatever state it is in; `park`: its socket dropped, and may come back to running media. */
export async function endLink(house: House, held: Held, park = false): Promise<void> {
  const { link } = held;
  delete held.link;
  try {
    const one = await link;
    if (park) one?.park();
    else await one?.close();
  } catch (error) {
    house.log.warn({ err: error }, 'a media link was not closed');
  }
}

/** Gives a seat the link that the room's engine asks for, or takes it away a while after the engine changed. */
export function syncLink(house: House, on: Connection): void {
  const { held } = on;
  if (!held) return;
  const wanted = held.state.engine === 'sfu';
  if (wanted && !held.link) held.link = begin(house, on, held);
  if (!wanted && held.link)
    setTimeout(() => {
      if (on.held === held && held.state.engine !== 'sfu') void endLink(house, held);
    }, oldLinkMs).unref();
}

/** Hands on what a browser says to the engine; who calls keeps the order. */
export async function toEngine(house: House, on: Connection, said: SfuRequest): Promise<void> {
  const { held } = on;
  const refuse = (code: 'no-engine' | 'not-allowed'): void =>
    on.send({ type: 'error', code, fatal: false });
  if (!held) return;
  if (held.kind === 'observer' && said.type === 'sfu-publish') return refuse('not-allowed');
  if (held.state.engine === 'sfu') syncLink(house, on);
  if (!held.link) return refuse('no-engine');
  await (await held.link)?.receive(said);
}
