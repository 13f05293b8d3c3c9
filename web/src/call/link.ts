/** VisitLink: signalling, keys and media of one seat in one visit as one thing with one state. */
import type {
  ClientMessage,
  IceServer,
  JoinTicket,
  Layer,
  LiveKitAccess,
  MediaState,
  Peer as Seat,
  RevokeReason,
  RoomEvent,
  RoomState,
} from '@afar/visits/contract';
import type { Bytes } from './bytes.ts';
import { debugCounters, debugMark } from './debug.ts';
import { DirectLines } from './direct-lines.ts';
import type { StreamName } from './frame-cipher.ts';
import type { FrameCounts } from './frame-messages.ts';
import { SfuLines } from './group/sfu-lines.ts';
import { Held } from './held.ts';
import { KeyDesk } from './key-desk.ts';
import { KeyExchange, waitAfter } from './key-exchange.ts';
import { type Look, LineSamples } from './line-samples.ts';
import { LinesDesk } from './lines-desk.ts';
import {
  type EngineName,
  firstOf,
  firstState,
  heardNow,
  type LinkState,
  membersOf,
  personOf,
  type Phase,
  phaseAfter,
  timeOf,
} from './link-state.ts';
import type { Arrival } from './media-lines.ts';
import { openLines } from './open-lines.ts';
import type { SendLimits } from './peer.ts';
import { totalsOf } from './quality.ts';
import { type Relay, SignalSocket } from './signal.ts';
import { Watch } from './watch.ts';

export type { LinkState, Phase, RemotePerson } from './link-state.ts';

export class VisitLink {
  readonly #visit: string;
  readonly #signal: SignalSocket;
  readonly #listeners = new Set<() => void>();
  readonly #roomListeners = new Set<(event: RoomEvent) => void>();
  readonly #watch = new Watch();
  readonly #keys: KeyDesk;
  readonly #lines: LinesDesk;
  readonly #samples = new LineSamples();
  readonly #held = new Held<Relay>();
  #state = firstState();
  #media: MediaState = { camera: false, microphone: false, screen: false, audioOnly: false };
  #iceServers: IceServer[] = [];
  #livekit: LiveKitAccess | undefined;
  #roster: Seat[] = [];
  #epoch = 0;
  #exchange: KeyExchange | undefined;
  /** Exchanges in a row that did not end. */
  #stuck = 0;

  constructor(visit: string, ticket: () => Promise<JoinTicket>, limits: SendLimits) {
    this.#visit = visit;
    this.#keys = new KeyDesk(
      visit,
      (counts) => this.#counted(counts),
      (said) => this.#signal.send({ type: 'sealed', ...said }),
    );
    this.#lines = new LinesDesk(limits, {
      moved: () => this.#moved(),
      // Somebody who is away comes back with a session of his own: nothing to hurry for.
      hopeless: () => {
        if (this.#state.people.some((person) => person.present)) this.#signal.rejoin('media');
      },
      expectsPicture: () => this.#state.people.some((person) => person.media.camera),
    });
    this.#signal = new SignalSocket(ticket, {
      joined: (message) => {
        debugMark('joinedMs');
        this.#iceServers = message.iceServers;
        this.#lines.lines?.relays(message.iceServers);
        const anew = this.#state.own && this.#state.own.session !== message.session;
        if (anew) this.#teardown('joining');
        this.#room(message, message.peer);
        // The page goes on though the session does not: what was told in between, it never heard.
        if (anew) this.#tellRoom({ type: 'missed' });
        this.#signal.send({ type: 'media', media: this.#media });
        if (this.#lines.lines instanceof SfuLines) this.#lines.lines.resumed();
      },
      roster: (message) => this.#room(message, this.#state.own?.peer),
      relayed: (message) => this.#relayed(message),
      engine: (message) => {
        if (this.#lines.lines instanceof SfuLines) this.#lines.lines.receive(message);
      },
      event: (event) => this.#tellRoom(event),
      iceServers: (servers) => {
        this.#iceServers = servers;
        this.#lines.lines?.relays(servers);
      },
      reachable: () => undefined,
      lapsed: () => this.#teardown('joining'),
      over: (reason) => this.#end(reason),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connect(): void {
    addEventListener('online', this.#networkBack);
    this.#keys.open();
    this.#signal.open();
  }

  /** Sends a track, or stops sending its kind. */
  publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    return this.#lines.publish(stream, track);
  }

  /** Tells the others what is sent. */
  say(media: MediaState): void {
    this.#media = media;
    if (this.#state.phase !== 'joining') this.#signal.send({ type: 'media', media });
  }

  limit(limits: SendLimits): Promise<void> {
    return this.#lines.limit(limits);
  }

  /** How long what arrives is held before it is shown and heard, ms; null: as the browser finds right. */
  hold(ms: number | null): void {
    this.#lines.hold(ms);
  }

  /** Which picture of each camera and shared screen can be used here. */
  want(layers: Record<string, Layer>, screens: Record<string, Layer> = {}): void {
    this.#lines.lines?.want({ layers, screens });
  }

  /** Something small for the other browsers, which no server can read. Throws a RangeError over `mostBytes`. */
  sendSealed(kind: string, bytes: Bytes, to = 'all'): Promise<void> {
    return this.#keys.send(kind, bytes, to);
  }

  /** Hears one kind of small message; the returned function ends it. */
  onSealed(kind: string, listener: (from: string, bytes: Bytes) => void): () => void {
    return this.#keys.on(kind, listener);
  }

  /** Hears what happens in the room that is fetched by its id: chat, recording, stills, guests. */
  onRoom(listener: (event: RoomEvent) => void): () => void {
    this.#roomListeners.add(listener);
    return () => this.#roomListeners.delete(listener);
  }

  /** How each stream of the others arrives, and how loud they are. */
  async arrivals(): Promise<Arrival[]> {
    return (await this.#lines.lines?.arrivals().catch(() => [])) ?? [];
  }

  /** Who is heard now, and who speaks; from whoever measures it, twice a second and more. */
  heard(now: ReadonlySet<string>, speaker: string | undefined): void {
    const change = heardNow(this.#state, now, speaker);
    if (change) this.#set(change);
  }

  /** One look at the connection since the last one. */
  async sample(): Promise<Look | undefined> {
    const { lines } = this.#lines;
    const now = lines && totalsOf(await lines.stats(), Date.now());
    if (!now || lines !== this.#lines.lines) return undefined;
    debugCounters({ framesDecoded: now.framesDecoded, pair: now.pair });
    if (this.#watch.decodedInTheClear(now.framesDecoded)) this.#tampered();
    const look = this.#samples.look(now);
    const anybody = this.#state.people.some((person) => person.present);
    if (look && this.#state.phase === 'live') {
      // Gone from the roster and nothing comes any more: away, long before ICE notices.
      if (!anybody && look.mute) this.#set({ phase: 'mending' });
      // Here, and not a word by this path: another one is sought before ICE gives it up.
      else if (anybody && look.silent && lines.restart('no-media')) this.#samples.acted();
    }
    return look;
  }

  /** Gives the seat up. */
  leave(): void {
    this.#signal.close(true);
    this.#end('left');
  }

  #tellRoom(event: RoomEvent): void {
    for (const listener of this.#roomListeners) listener(event);
  }

  readonly #networkBack = (): void => this.#lines.restart('network-changed');

  #set(change: Partial<LinkState>): void {
    this.#state = { ...this.#state, ...change };
    const { phase, engine, restarts } = this.#state;
    debugCounters({ phase, engine, restarts, epoch: this.#epoch });
    for (const listener of this.#listeners) listener();
  }

  #end(reason: RevokeReason | 'refused' | 'left'): void {
    if (this.#state.phase === 'over') return;
    this.#teardown('over');
    this.#set({ over: reason });
    this.#keys.close();
    removeEventListener('online', this.#networkBack);
  }

  /** Drops connections, keys and everybody's picture. */
  #teardown(phase: Phase): void {
    this.#exchange?.stop();
    this.#exchange = undefined;
    this.#lines.close();
    this.#keys.clear();
    this.#epoch = 0;
    this.#samples.reset();
    this.#watch.newConnection();
    const { code: _code, warning: _warning, remoteScreen: _screen, ...rest } = this.#state;
    this.#state = { ...rest, people: [] };
    this.#set({ phase, remote: new MediaStream() });
  }

  /** Where the room stands: who is here, which keys, which engine. */
  #room(room: RoomState, ownPeer: string | undefined): void {
    const own = room.roster.find((seat) => seat.peer === ownPeer);
    if (!own || room.epoch < this.#epoch) return;
    this.#roster = room.roster;
    this.#livekit = room.livekit ?? this.#livekit;
    const others = room.roster.filter((seat) => seat.peer !== own.peer);
    const seated = others.filter((seat) => seat.seated);
    this.#set({ own, engine: room.engine, people: this.#people(others) });
    this.#keys.members(seated.map(({ peer }) => peer));
    if (seated.length === 0) this.#alone(room.epoch);
    else {
      if (room.epoch !== this.#epoch) this.#rekey(room.epoch, own);
      this.#connect(room.engine, own, seated);
    }
    for (const message of this.#held.take()) this.#relayed(message);
    this.#moved();
  }

  #alone(epoch: number): void {
    if (this.#epoch !== 0 || this.#state.phase === 'joining') this.#teardown('alone');
    this.#epoch = epoch;
  }

  /** Somebody came or went: new keys for whoever is here now. The old ones are used until then [K10]. */
  #rekey(epoch: number, own: Seat): void {
    this.#epoch = epoch;
    this.#exchange?.stop();
    const members = membersOf(this.#roster, own.peer);
    this.#exchange = new KeyExchange(
      {
        visit: this.#visit,
        epoch,
        own: own.peer,
        members,
        patience: waitAfter(this.#stuck, Math.random(), members.length),
      },
      {
        send: (message) => this.#signal.send(message),
        code: (code) => this.#set({ code }),
        keys: (keys) => {
          this.#stuck = 0;
          this.#keys.use(own.peer, keys, members);
          this.#watch.newKeys();
          debugMark('keysMs');
          this.#moved();
        },
        broken: () => this.#tampered(),
        stuck: (missing) => this.#waited(missing),
      },
    );
  }

  /** Whoever is away goes on where she was, or loses her seat; of somebody who is here the exchange is begun anew [K4]. */
  #waited(missing: string[]): void {
    const silent = this.#state.people.filter(({ peer }) => missing.includes(peer));
    if (!silent.some((person) => person.present)) return;
    this.#stuck += 1;
    this.#signal.rejoin('keys');
  }

  /** The connection this room asks for, opened when it is not the one in use. */
  #connect(engine: EngineName, own: Seat, seated: readonly Seat[]): void {
    const other = seated.find((seat) => !seat.hidden) ?? seated[0]!;
    const id =
      engine === 'p2p'
        ? `p2p ${own.session} ${other.peer} ${other.session}`
        : `${engine} ${own.session}`;
    if (id === this.#lines.id) return;
    this.#samples.reset();
    this.#watch.newConnection();
    if (engine === 'p2p') this.#keys.tell({ type: 'direct', peer: other.peer });
    const options = {
      own,
      other,
      iceServers: this.#iceServers,
      keys: this.#keys,
      limits: this.#lines.limits,
      send: (message: ClientMessage) => this.#signal.send(message),
      livekit: this.#livekit,
    };
    this.#lines.open(id, !this.#lines.id?.startsWith(engine), (events) =>
      openLines(engine, options, events),
    );
  }

  #relayed(message: Relay): void {
    const time = timeOf(message, this.#roster);
    if (time === 'later') this.#held.push(message);
    if (time !== 'now') return;
    switch (message.type) {
      case 'commit':
      case 'reveal':
      case 'sender-key':
        if (message.epoch > this.#epoch) this.#held.push(message);
        else if (message.epoch === this.#exchange?.epoch)
          this.#exchange.receive(message.from, message);
        return;
      case 'sealed':
        return this.#keys.receive(message.from, message.kind, message.body);
      default: {
        const { lines } = this.#lines;
        if (lines instanceof DirectLines && lines.peer === message.from) lines.receive(message);
      }
    }
  }

  #tampered(): void {
    this.#teardown('over');
    this.#set({ warning: 'tampered', over: 'refused' });
    this.#signal.close(true);
  }

  #people(others: readonly Seat[]): LinkState['people'] {
    const { people } = this.#state;
    return others.map((seat) => {
      const before = people.find(({ peer }) => peer === seat.peer);
      return personOf(seat, this.#lines.shownOf(seat.peer), this.#watch.blind(seat.peer), before);
    });
  }

  /** Something moved: streams, keys, connections. Looks at all of it anew. */
  #moved(): void {
    const { phase, own, code } = this.#state;
    if (phase === 'over' || !own) return;
    const people = this.#people(this.#roster.filter((seat) => seat.peer !== own.peer));
    const seated = people.filter((person) => person.seated);
    const first = firstOf(own, seated);
    const keyed =
      code !== undefined && seated.some(({ peer, session }) => this.#keys.has(peer, session));
    if (keyed) this.#lines.unlock();
    const { remoteScreen: _screen, remoteMedia: _media, ...rest } = this.#state;
    this.#state = rest;
    if (keyed && this.#lines.connected) debugMark('connectedMs');
    this.#set({
      people,
      phase: phaseAfter(phase, {
        epoch: this.#epoch,
        seated: seated.length,
        flows: keyed && this.#lines.connected,
      }),
      remotePresent: seated.some((person) => person.present),
      restarts: this.#lines.lines?.restarts ?? 0,
      ...(first ? { remote: first.stream, remoteMedia: first.media } : {}),
      ...(first?.screen ? { remoteScreen: first.screen } : {}),
    });
  }

  /** The worker's counts: frames that come and cannot be opened mean that something is wrong [K13]. */
  #counted(counts: FrameCounts): void {
    debugCounters(this.#watch.take(counts));
    if (!this.#keys.keys) return;
    const findings = this.#watch.look(Date.now());
    const direct = this.#state.engine === 'p2p';
    if (findings.newlyBlind && direct) this.#lines.restart('no-media');
    if (findings.hopeless && direct) return this.#signal.rejoin('media');
    if (!findings.changed) return;
    const { warning, ...rest } = this.#state;
    if (warning === 'unopened') this.#state = rest;
    if (this.#watch.allBlind(this.#state.people.map(({ peer }) => peer)))
      this.#set({ warning: 'unopened' });
    this.#moved();
  }
}
