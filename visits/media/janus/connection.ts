/** One WebSocket to Janus: requests and their answers, events by handle, sessions kept alive. [Janus API, janus-protocol] */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { JanusAccess } from './child.ts';

export interface Jsep {
  type: 'offer' | 'answer';
  sdp: string;
  /** Frames are sealed by the browsers: Janus is told so. */
  e2ee?: boolean;
}

/** What we read of Janus' messages. */
export interface JanusMessage {
  janus: string;
  transaction?: string;
  session_id?: number;
  sender?: number;
  data?: { id: number };
  plugindata?: { data: RoomData };
  jsep?: Jsep;
  error?: { code: number; reason: string };
  candidate?: { candidate?: string; sdpMid?: string; sdpMLineIndex?: number; completed?: boolean };
  reason?: string;
}

/** A stream of somebody who publishes. */
export interface PublishedStream {
  mid: string;
  type: 'audio' | 'video' | 'data';
  description?: string;
  disabled?: boolean;
}

/** A stream of a subscriber's connection. */
export interface SubscribedStream {
  mid: string;
  type: 'audio' | 'video' | 'data';
  active?: boolean;
  feed_id?: string;
  feed_mid?: string;
}

export interface Publisher {
  id: string;
  streams?: PublishedStream[];
}

/** The VideoRoom plugin's part. */
export interface RoomData {
  videoroom: string;
  error_code?: number;
  private_id?: number;
  publishers?: Publisher[];
  streams?: SubscribedStream[];
  unpublished?: string;
  leaving?: string;
  kicked?: string;
  exists?: boolean;
}

/** Janus would not; `code` is Janus' own (428 no such member, 436 name taken). */
export class JanusRefusal extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`Janus refused: ${code}`);
    this.name = 'JanusRefusal';
    this.code = code;
  }
}

/** The connection is gone, or an answer did not come. */
export class JanusGone extends Error {
  constructor(what: string) {
    super(`Janus does not answer: ${what}`);
    this.name = 'JanusGone';
  }
}

/** Janus answers in milliseconds; a machine that needs longer than this has other troubles. */
const answerMs = 8_000;
const connectMs = 3_000;
/** A session ends after 60 s of silence. */
const keepAliveMs = 25_000;

interface Waiting {
  /** Of trickle and keepalive the `ack` is all there is; of the plugin the answer comes after it. */
  ackIsAll: boolean;
  resolve(message: JanusMessage): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

export class JanusConnection {
  readonly #socket: WebSocket;
  readonly #access: JanusAccess;
  readonly #waiting = new Map<string, Waiting>();
  readonly #handles = new Map<number, (message: JanusMessage) => void>();
  readonly #sessions = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  private constructor(socket: WebSocket, access: JanusAccess) {
    this.#socket = socket;
    this.#access = access;
    socket.on('message', (data: Buffer) =>
      this.#heard(JSON.parse(data.toString()) as JanusMessage),
    );
    socket.on('close', () => this.#ended());
    this.#timer = setInterval(() => {
      for (const session of this.#sessions)
        this.request({ janus: 'keepalive', session_id: session }).catch(() => undefined);
    }, keepAliveMs).unref();
  }

  /** @throws JanusGone */
  static async open(access: JanusAccess): Promise<JanusConnection> {
    const socket = new WebSocket(access.url, 'janus-protocol', {
      handshakeTimeout: connectMs,
      maxPayload: 1024 * 1024,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', () => reject(new JanusGone('no connection')));
    });
    socket.on('error', () => undefined); // `close` follows
    return new JanusConnection(socket, access);
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  close(): void {
    this.#socket.close();
  }

  async session(): Promise<number> {
    const { data } = await this.request({ janus: 'create' });
    this.#sessions.add(data!.id);
    return data!.id;
  }

  async endSession(session: number): Promise<void> {
    if (!this.#sessions.delete(session)) return;
    await this.request({ janus: 'destroy', session_id: session });
  }

  /** A handle on the room plugin; `listener` hears what answers no request. */
  async attach(session: number, listener: (message: JanusMessage) => void): Promise<number> {
    const { data } = await this.request({
      janus: 'attach',
      session_id: session,
      plugin: 'janus.plugin.videoroom',
    });
    this.#handles.set(data!.id, listener);
    return data!.id;
  }

  async detach(session: number, handle: number): Promise<void> {
    if (!this.#handles.delete(handle)) return;
    await this.request({ janus: 'detach', session_id: session, handle_id: handle });
  }

  /** Says something to the room plugin. @throws JanusRefusal what it would not do */
  async say(
    session: number,
    handle: number,
    body: Record<string, unknown>,
    jsep?: Jsep,
  ): Promise<{ data: RoomData; jsep?: Jsep }> {
    const answer = await this.request({
      janus: 'message',
      session_id: session,
      handle_id: handle,
      body,
      ...(jsep && { jsep }),
    });
    const { data } = answer.plugindata!;
    if (data.error_code !== undefined) throw new JanusRefusal(data.error_code);
    return { data, ...(answer.jsep && { jsep: answer.jsep }) };
  }

  request(body: Record<string, unknown>): Promise<JanusMessage> {
    const { apiSecret, token } = this.#access;
    const transaction = randomUUID();
    return new Promise((resolve, reject) => {
      if (!this.open) return reject(new JanusGone('the connection is closed'));
      const timer = setTimeout(() => {
        this.#waiting.delete(transaction);
        reject(new JanusGone(String(body['janus'])));
      }, answerMs);
      const ackIsAll = body['janus'] !== 'message';
      this.#waiting.set(transaction, { ackIsAll, resolve, reject, timer });
      this.#socket.send(
        JSON.stringify({
          ...body,
          transaction,
          ...(apiSecret !== undefined && { apisecret: apiSecret }),
          ...(token !== undefined && { token }),
        }),
      );
    });
  }

  #heard(message: JanusMessage): void {
    const waiting = message.transaction && this.#waiting.get(message.transaction);
    if (waiting) {
      if (message.janus === 'ack' && !waiting.ackIsAll) return;
      this.#waiting.delete(message.transaction!);
      clearTimeout(waiting.timer);
      if (message.error) waiting.reject(new JanusRefusal(message.error.code));
      else waiting.resolve(message);
      return;
    }
    if (message.janus === 'timeout' && message.session_id)
      this.#sessions.delete(message.session_id);
    if (message.sender !== undefined) this.#handles.get(message.sender)?.(message);
  }

  #ended(): void {
    clearInterval(this.#timer);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new JanusGone('the connection ended'));
    }
    this.#waiting.clear();
    this.#handles.clear();
    this.#sessions.clear();
  }
}
