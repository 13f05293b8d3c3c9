/** One person in a room of Janus: what she sends, what she is sent, and what her browser and Janus say about both. */
import type { Candidate } from '../../messages.ts';
import type { SfuRequest, SfuSaid } from '../negotiation.ts';
import type { Grants } from '../port.ts';
import type { Publisher } from './connection.ts';
import { Downlink, type Feed } from './downlink.ts';
import type { Stage } from './stage.ts';
import { Uplink, type StreamLabel } from './uplink.ts';

export interface LinkOptions {
  who: string;
  grants: Grants;
  send(said: SfuSaid): void;
  /** Takes out of the room who still sits there under this name. */
  evict(): Promise<void>;
  /** Janus ended it: thrown out, room destroyed. */
  ended(): void;
  failed(error: unknown): void;
}

function labelOf(description: string | undefined): StreamLabel | undefined {
  try {
    return JSON.parse(description ?? '') as StreamLabel;
  } catch {
    return undefined;
  }
}

export class JanusLink {
  readonly #options: LinkOptions;
  #grants: Grants;
  #send: (said: SfuSaid) => void;
  readonly #published = new Map<string, Publisher>();
  #up: Uplink | undefined;
  #down: Downlink | undefined;
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#grants = options.grants;
    this.#send = options.send;
  }

  get who(): string {
    return this.#options.who;
  }

  /** Joins the room. @param joined called before anything is offered */
  async join(stage: Stage, joined?: () => void): Promise<void> {
    this.#published.clear();
    const { who, evict, ended, failed } = this.#options;
    const say = (said: SfuSaid): void => {
      if (!this.#closed) this.#send(said);
    };
    this.#up = await Uplink.join(
      stage,
      who,
      this.#grants,
      {
        send: say,
        publishers: (list) => {
          for (const one of list) this.#published.set(one.id, one);
          this.#carry();
        },
        gone: (peer) => {
          if (this.#published.delete(peer)) this.#carry();
        },
        ended: () => {
          if (!this.#closed) ended();
        },
      },
      evict,
    );
    this.#down = new Downlink(stage, this.#up.privateId, say, failed);
    if (this.#closed) return this.close();
    joined?.();
    this.#carry();
  }

  async receive(message: SfuRequest): Promise<void> {
    const [up, down] = [this.#up, this.#down];
    if (this.#closed || !up || !down) return;
    switch (message.type) {
      case 'sfu-publish':
        return up.publish(message);
      case 'sfu-answer':
        return down.answered(message);
      case 'sfu-want':
        return down.want(message);
      case 'sfu-candidate': {
        const end = message.link === 'up' ? up : down;
        return end.trickle(theirs(message.candidate));
      }
      case 'sfu-restart':
        return message.link === 'down' ? down.restart() : up.restart();
    }
  }

  async grant(grants: Grants): Promise<void> {
    this.#grants = grants;
    await this.#up?.grant(grants);
    this.#carry();
  }

  /** The same page on another socket: what is said from now on goes there. */
  speakTo(send: (said: SfuSaid) => void): void {
    this.#send = send;
    this.#down?.repeat();
  }

  /** Janus is gone, and every connection with it: what the browser says meanwhile is lost. */
  lost(): void {
    this.#up = undefined;
    this.#down = undefined;
  }

  /** In the room made anew: the browser is told to begin both connections again. */
  async rejoin(stage: Stage): Promise<void> {
    await this.join(stage, () => {
      for (const link of ['up', 'down'] as const) this.#send({ type: 'sfu-restart', link });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Detaching ends a connection at once; which of the two is first does not matter.
    await Promise.allSettled([this.#down?.close(), this.#up?.detach()]);
  }

  #carry(): void {
    if (!this.#down) return;
    const feeds: Feed[] = [];
    if (this.#grants.subscribe)
      for (const { id, streams = [] } of this.#published.values())
        for (const { mid, description, disabled } of streams) {
          const label = labelOf(description);
          if (disabled || !label || id === this.who) continue;
          if (label.kind === 'whisper' && !label.to?.includes(this.who)) continue;
          feeds.push({ peer: id, mid, kind: label.kind });
        }
    this.#down.carry(feeds);
  }
}

/** A candidate as Janus reads it. */
const theirs = (candidate: Candidate | null): object => candidate ?? { completed: true };
