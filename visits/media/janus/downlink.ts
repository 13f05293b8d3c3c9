/** Janus' connection to one browser: everybody's streams on it, at the layer that browser asks for. One offer is under way at a time. */
import type { SfuRequest, SfuSaid, StreamKind } from '../negotiation.ts';
import { JanusRefusal, type JanusMessage, type Jsep, type SubscribedStream } from './connection.ts';
import { Layers } from './layers.ts';
import type { Handle, Stage } from './stage.ts';
import { ours } from './uplink.ts';

/** A stream that may be subscribed to. */
export interface Feed {
  peer: string;
  mid: string;
  kind: StreamKind;
}

type Want = Extract<SfuRequest, { type: 'sfu-want' }>;
type Answer = Extract<SfuRequest, { type: 'sfu-answer' }>;

/** A browser that has not answered by then has lost the offer, with its page or its network. */
const answerMs = 10_000;
/** Janus' simulcast layers, smallest first. */
const substreams = { low: 0, high: 2 } as const;

const keyOf = ({ peer, mid }: { peer: string; mid: string }): string => `${peer}/${mid}`;

export class Downlink {
  readonly #stage: Stage;
  readonly #privateId: number;
  readonly #send: (said: SfuSaid) => void;
  readonly #failed: (error: unknown) => void;
  #wanted = new Map<string, Feed>();
  #carried: SubscribedStream[] = [];
  readonly #layers = { video: new Layers('low'), screen: new Layers('high') };
  #handle: Handle | undefined;
  #negotiation = 0;
  #offered: SfuSaid | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #restartWanted = false;
  #busy = false;
  #closed = false;
  readonly #early: object[] = [];

  constructor(
    stage: Stage,
    privateId: number,
    send: (said: SfuSaid) => void,
    failed: (error: unknown) => void,
  ) {
    this.#stage = stage;
    this.#privateId = privateId;
    this.#send = send;
    this.#failed = failed;
  }

  /** What there is to see and hear from now on. */
  carry(feeds: readonly Feed[]): void {
    this.#wanted = new Map(feeds.map((feed) => [keyOf(feed), feed]));
    this.#proceed();
  }

  async want({ layers, screens = {} }: Want): Promise<void> {
    this.#layers.video.want(layers);
    this.#layers.screen.want(screens);
    await this.#shape(this.#carried);
  }

  async answered({ negotiation, sdp }: Answer): Promise<void> {
    if (negotiation !== this.#negotiation || !this.#waiting || !this.#handle) return;
    this.#settle();
    try {
      await this.#handle.say({ request: 'start' }, { type: 'answer', sdp, e2ee: true });
      await this.#shape(this.#carried);
    } catch (error) {
      if (!(error instanceof JanusRefusal)) throw error;
      this.#send({ type: 'sfu-error', link: 'down', negotiation });
      await this.#anew();
    }
    this.#proceed();
  }

  /** A new offer with new ICE, as soon as none is under way. */
  restart(): void {
    this.#restartWanted = true;
    this.#proceed();
  }

  /** The offer under way may not have been heard: says it again. */
  repeat(): void {
    if (this.#waiting && this.#offered) this.#send(this.#offered);
  }

  async trickle(candidate: object): Promise<void> {
    if (this.#handle) await this.#handle.trickle(candidate);
    else if (this.#early.length < 64) this.#early.push(candidate);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#settle();
    await this.#handle?.detach();
  }

  #settle(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
  }

  #proceed(): void {
    if (this.#closed || this.#busy || this.#waiting) return;
    this.#busy = true;
    this.#step()
      .catch(this.#failed)
      .finally(() => {
        this.#busy = false;
        // What changed meanwhile.
        if (!this.#closed && !this.#waiting && this.#differs()) this.#proceed();
      });
  }

  #changes(): { subscribe: Feed[]; unsubscribe: string[] } {
    const carried = new Map(
      this.#carried
        .filter((one) => one.active !== false && one.feed_id !== undefined)
        .map((one) => [keyOf({ peer: one.feed_id!, mid: one.feed_mid! }), one.mid]),
    );
    return {
      subscribe: [...this.#wanted].filter(([key]) => !carried.has(key)).map(([, feed]) => feed),
      unsubscribe: [...carried].filter(([key]) => !this.#wanted.has(key)).map(([, mid]) => mid),
    };
  }

  #differs(): boolean {
    const { subscribe, unsubscribe } = this.#changes();
    return subscribe.length + unsubscribe.length > 0 || (this.#restartWanted && !!this.#handle);
  }

  async #step(): Promise<void> {
    if (!this.#differs()) return;
    const { subscribe, unsubscribe } = this.#changes();
    const streams = subscribe.map((feed) => ({
      feed: feed.peer,
      mid: feed.mid,
      ...this.#target(feed),
    }));
    let said: { data: { streams?: SubscribedStream[] }; jsep?: Jsep };
    try {
      if (!this.#handle) said = await this.#subscribe(streams);
      else if (streams.length + unsubscribe.length === 0) {
        this.#restartWanted = false;
        said = await this.#handle.say({ request: 'configure', restart: true });
      } else
        said = await this.#handle.say({
          request: 'update',
          ...(streams.length && { subscribe: streams }),
          ...(unsubscribe.length && { unsubscribe: unsubscribe.map((mid) => ({ sub_mid: mid })) }),
        });
    } catch (error) {
      if (!(error instanceof JanusRefusal)) throw error;
      // The publisher went between his news and our asking: his leaving is news on its way.
      for (const feed of subscribe) this.#wanted.delete(keyOf(feed));
      return;
    }
    if (said.data.streams) this.#carried = said.data.streams;
    if (said.jsep) this.#offer(said.jsep.sdp);
  }

  async #subscribe(streams: object[]) {
    const { room, pin } = this.#stage.names;
    const handle = await this.#stage.attach((message) => this.#heard(message));
    try {
      const said = await handle.say({
        request: 'join',
        ptype: 'subscriber',
        room,
        pin,
        private_id: this.#privateId,
        use_msid: false,
        // Who stops sending is taken off by Janus itself, which then offers unasked.
        autoupdate: true,
        streams,
      });
      this.#handle = handle;
      this.#restartWanted = false;
      return said;
    } catch (error) {
      await handle.detach();
      throw error;
    }
  }

  #offer(sdp: string): void {
    this.#negotiation += 1;
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      this.#anew().then(() => this.#proceed(), this.#failed);
    }, answerMs).unref();
    this.#offered = {
      type: 'sfu-offer',
      negotiation: this.#negotiation,
      sdp,
      streams: this.#carried.flatMap(({ mid, feed_id: peer, feed_mid: theirs, active }) => {
        const feed =
          active !== false && peer !== undefined
            ? this.#wanted.get(keyOf({ peer, mid: theirs! }))
            : undefined;
        return feed ? [{ mid, peer: feed.peer, kind: feed.kind }] : [];
      }),
    };
    this.#send(this.#offered);
    const handle = this.#handle;
    for (const candidate of this.#early.splice(0)) handle?.trickle(candidate).catch(this.#failed);
  }

  /** Throws the connection away and begins another, numbered from 1. */
  async #anew(): Promise<void> {
    const old = this.#handle;
    this.#handle = undefined;
    this.#carried = [];
    this.#negotiation = 0;
    this.#send({ type: 'sfu-restart', link: 'down' });
    await old?.detach();
  }

  #target(feed: Feed): { send: boolean; substream?: number } {
    if (feed.kind !== 'video' && feed.kind !== 'screen') return { send: true };
    const layer = this.#layers[feed.kind].of(feed.peer);
    return layer === 'off' ? { send: false } : { send: true, substream: substreams[layer] };
  }

  async #shape(carried: readonly SubscribedStream[]): Promise<void> {
    const streams = carried.flatMap(({ mid, feed_id: peer, feed_mid: theirs, active, type }) => {
      if (active === false || peer === undefined || type !== 'video') return [];
      const feed = this.#wanted.get(keyOf({ peer, mid: theirs! }));
      return feed ? [{ mid, ...this.#target(feed) }] : [];
    });
    if (streams.length && this.#handle) await this.#handle.say({ request: 'configure', streams });
  }

  #heard({ janus, candidate, plugindata, jsep }: JanusMessage): void {
    if (this.#closed) return;
    const data = plugindata?.data;
    if (jsep && data?.streams && this.#handle) {
      this.#settle();
      this.#carried = data.streams;
      return this.#offer(jsep.sdp);
    }
    if (janus === 'trickle' && candidate)
      return this.#send({ type: 'sfu-candidate', link: 'down', candidate: ours(candidate) });
    // Janus lost the connection (DTLS ended, ICE failed for good): a new one is begun.
    if (janus === 'hangup' && this.#handle) {
      this.#settle();
      this.#anew().then(() => this.#proceed(), this.#failed);
    }
    if (data?.videoroom === 'destroyed') this.#closed = true;
  }
}
