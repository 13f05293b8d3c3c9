/** One browser's connection to Janus: it joins the room, publishes, and hears who else does. */
import type { SfuRequest, SfuSaid, StreamKind } from '../negotiation.ts';
import type { Grants } from '../port.ts';
import { JanusRefusal, type JanusMessage, type Publisher } from './connection.ts';
import type { Handle, Stage } from './stage.ts';

type Publish = Extract<SfuRequest, { type: 'sfu-publish' }>;

/** What a stream is, as other processes read it in Janus: only our servers do, it reaches no browser. */
export interface StreamLabel {
  kind: StreamKind;
  /** Of a whisper: the peers who are sent it. */
  to?: readonly string[];
}

export interface UplinkEvents {
  send(said: SfuSaid): void;
  publishers(list: Publisher[]): void;
  gone(peer: string): void;
  /** Thrown out, or the room is no more. */
  ended(): void;
}

const nameTaken = 436;
/** Janus tears a connection down in some ms; the next offer waits for it this long. */
const hangupMs = 1_500;

/** Without `streams`: voices first, the first picture is the camera, the second the screen. */
export function kindsOf({ sdp, streams }: Publish): { mid: string; kind: StreamKind }[] {
  if (streams) return streams;
  const sections = sdp.split(/\r?\nm=/).slice(1);
  let pictures = 0;
  return sections.flatMap((section): { mid: string; kind: StreamKind }[] => {
    const mid = /^a=mid:(.+)$/m.exec(section)?.[1]?.trim();
    if (mid === undefined) return [];
    if (section.startsWith('audio')) return [{ mid, kind: 'audio' }];
    if (!section.startsWith('video')) return [];
    pictures += 1;
    return [{ mid, kind: pictures === 1 ? 'video' : 'screen' }];
  });
}

export class Uplink {
  readonly #handle: Handle;
  readonly #events: UplinkEvents;
  #grants: Grants;
  #kinds: { mid: string; kind: StreamKind }[] = [];
  #published = false;
  #hungUp: (() => void) | undefined;
  readonly privateId: number;

  private constructor(handle: Handle, grants: Grants, events: UplinkEvents, privateId: number) {
    this.#handle = handle;
    this.#grants = grants;
    this.#events = events;
    this.privateId = privateId;
  }

  /** @param evict takes out of the room who still sits there under this name */
  static async join(
    stage: Stage,
    who: string,
    grants: Grants,
    events: UplinkEvents,
    evict: () => Promise<void>,
  ): Promise<Uplink> {
    let made: Uplink | undefined;
    const early: JanusMessage[] = [];
    const handle = await stage.attach((message) => {
      if (made) made.#heard(message);
      else early.push(message);
    });
    const { room, pin } = stage.names;
    const join = () => handle.say({ request: 'join', ptype: 'publisher', room, pin, id: who });
    let joined: Awaited<ReturnType<typeof join>> | undefined;
    for (let tries = 0; !joined; tries += 1)
      try {
        joined = await join();
      } catch (error) {
        if (!(error instanceof JanusRefusal) || error.code !== nameTaken || tries > 2) throw error;
        await evict();
      }
    const { data } = joined;
    made = new Uplink(handle, grants, events, data.private_id!);
    if (data.publishers?.length) events.publishers(data.publishers);
    for (const message of early) made.#heard(message);
    return made;
  }

  async publish(offer: Publish): Promise<void> {
    if (!this.#grants.publish) return this.#refuse(offer);
    if (!this.#published && offer.negotiation > 1) {
      // Her connection up was to another Janus, or to none: it has to begin anew.
      return this.#events.send({ type: 'sfu-restart', link: 'up' });
    }
    if (this.#published && offer.negotiation === 1) await this.#unpublish();
    this.#kinds = kindsOf(offer);
    try {
      const request = this.#published ? 'configure' : 'publish';
      const jsep = { type: 'offer', sdp: offer.sdp, e2ee: true } as const;
      const descriptions = this.#descriptions();
      const { jsep: answer } = await this.#handle.say({ request, descriptions }, jsep);
      this.#published = true;
      if (answer)
        this.#events.send({
          type: 'sfu-published',
          negotiation: offer.negotiation,
          sdp: answer.sdp,
        });
    } catch (error) {
      if (!(error instanceof JanusRefusal)) throw error;
      this.#refuse(offer);
    }
  }

  #refuse({ negotiation }: Publish): void {
    this.#events.send({ type: 'sfu-error', link: 'up', negotiation });
  }

  async trickle(candidate: object): Promise<void> {
    await this.#handle.trickle(candidate);
  }

  async grant(grants: Grants): Promise<void> {
    const before = this.#grants;
    this.#grants = grants;
    if (!this.#published) return;
    if (!grants.publish) return this.#unpublish();
    if (String(before.whispersTo) !== String(grants.whispersTo))
      await this.#handle.say({ request: 'configure', descriptions: this.#descriptions() });
  }

  detach(): Promise<void> {
    return this.#handle.detach();
  }

  /** The room goes on; this browser publishes nothing, until it begins a new connection. */
  async restart(): Promise<void> {
    if (this.#published) await this.#unpublish();
  }

  #descriptions(): { mid: string; description: string }[] {
    return this.#kinds.map(({ mid, kind }) => {
      const label: StreamLabel = {
        kind,
        ...(kind === 'whisper' && { to: this.#grants.whispersTo ?? [] }),
      };
      return { mid, description: JSON.stringify(label) };
    });
  }

  async #unpublish(): Promise<void> {
    this.#published = false;
    const hungUp = new Promise<void>((resolve) => {
      this.#hungUp = resolve;
      setTimeout(resolve, hangupMs).unref();
    });
    await this.#handle.say({ request: 'unpublish' });
    await hungUp;
  }

  /** The connection is gone: by our own doing, or because ICE failed for good or the page went. */
  #lost(): void {
    this.#hungUp?.();
    if (!this.#published) return;
    this.#published = false;
    this.#events.send({ type: 'sfu-restart', link: 'up' });
  }

  #heard({ janus, plugindata, candidate }: JanusMessage): void {
    if (janus === 'hangup') return this.#lost();
    if (janus === 'detached') return this.#events.ended();
    if (janus === 'trickle' && candidate)
      return this.#events.send({ type: 'sfu-candidate', link: 'up', candidate: ours(candidate) });
    const data = plugindata?.data;
    if (!data) return;
    if (data.publishers) this.#events.publishers(data.publishers);
    if (data.videoroom === 'destroyed' || data.leaving === 'ok') return this.#events.ended();
    const peer = data.leaving ?? data.kicked ?? data.unpublished;
    if (peer !== undefined && peer !== 'ok') this.#events.gone(peer);
  }
}

/** A candidate as browsers read it; `completed` ends them. */
export function ours(
  given: NonNullable<JanusMessage['candidate']>,
): { candidate: string; sdpMid?: string; sdpMLineIndex?: number } | null {
  const { candidate, sdpMid, sdpMLineIndex, completed } = given;
  if (completed || candidate === undefined) return null;
  return {
    candidate,
    ...(sdpMid !== undefined && { sdpMid }),
    ...(sdpMLineIndex !== undefined && { sdpMLineIndex }),
  };
}
