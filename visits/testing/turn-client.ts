/** A TURN client of a few lines over UDP, for tests: it asks what a browser never would [RFC 8489, RFC 8656]. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const cookie = 0x2112a442;
const method = {
  allocate: 0x003,
  refresh: 0x004,
  createPermission: 0x008,
  send: 0x006,
} as const;
const attribute = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  lifetime: 0x000d,
  peer: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  relayed: 0x0016,
  transport: 0x0019,
} as const;

type Attributes = Map<number, Buffer>;
type Bytes = Buffer<ArrayBufferLike>;
const udp = Buffer.from([17, 0, 0, 0]);

function xorAddress(address: string, port: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeUInt8(1, 1);
  out.writeUInt16BE(port ^ (cookie >>> 16), 2);
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  out.writeUInt32BE((number ^ cookie) >>> 0, 4);
  return out;
}

function readAddress(value: Buffer): { address: string; port: number } {
  const number = (value.readUInt32BE(4) ^ cookie) >>> 0;
  const address = [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.');
  return { address, port: value.readUInt16BE(2) ^ (cookie >>> 16) };
}

function encode(type: number, attributes: [number, Buffer][], key?: Buffer): Buffer {
  const parts = attributes.map(([name, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(name, 0);
    head.writeUInt16BE(value.length, 2);
    return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
  });
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  header.writeUInt32BE(cookie, 4);
  randomBytes(12).copy(header, 8);
  const plain = Buffer.concat([header, body]);
  if (!key) return plain;
  const hash = createHmac('sha1', key).update(plain).digest();
  return Buffer.concat([plain, Buffer.from([0, attribute.integrity, 0, 20]), hash]);
}

function decode(message: Buffer): { type: number; attributes: Attributes } {
  const attributes: Attributes = new Map();
  for (let at = 20; at + 4 <= message.length;) {
    const length = message.readUInt16BE(at + 2);
    attributes.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { type: message.readUInt16BE(0), attributes };
}

/** What the server said: 0 = yes, else its error code. */
type Code = number;

export class TurnClient {
  #socket: Socket;
  #server: { address: string; port: number };
  #username: string;
  #password: string;
  #realm: Bytes = Buffer.alloc(0);
  #nonce: Bytes = Buffer.alloc(0);
  relayed: { address: string; port: number } | undefined;

  constructor(
    server: { address: string; port: number },
    user: { username: string; credential: string },
  ) {
    this.#socket = createSocket('udp4');
    this.#server = server;
    this.#username = user.username;
    this.#password = user.credential;
  }

  /** Where the server sees us from: its peers may answer there. */
  async #ask(what: number, attributes: [number, Buffer][], signed: boolean) {
    const key =
      signed &&
      createHash('md5')
        .update(`${this.#username}:${this.#realm.toString()}:${this.#password}`)
        .digest();
    const all: [number, Buffer][] = signed
      ? [
          ...attributes,
          [attribute.username, Buffer.from(this.#username)],
          [attribute.realm, this.#realm],
          [attribute.nonce, this.#nonce],
        ]
      : attributes;
    const request = encode(what, all, key || undefined);
    const { address, port } = this.#server;
    const until = AbortSignal.timeout(5_000);
    // UDP on loopback loses nothing, but a server that has just started may not listen yet: asked again [RFC 8489 6.2.1].
    const again = setInterval(() => this.#socket.send(request, port, address), 250);
    this.#socket.send(request, port, address);
    try {
      for (;;) {
        const [answer] = (await once(this.#socket, 'message', { signal: until })) as [Buffer];
        if (answer.subarray(8, 20).equals(request.subarray(8, 20))) return decode(answer);
      }
    } finally {
      clearInterval(again);
    }
  }

  async #signed(what: number, attributes: [number, Buffer][]): Promise<[Code, Attributes]> {
    for (let tries = 0; ; tries += 1) {
      const { type, attributes: said } = await this.#ask(what, attributes, this.#nonce.length > 0);
      const failed = said.get(attribute.error);
      const code = failed ? failed[2]! * 100 + failed[3]! : 0;
      this.#realm = said.get(attribute.realm) ?? this.#realm;
      this.#nonce = said.get(attribute.nonce) ?? this.#nonce;
      // 401 without credentials tells realm and nonce; 438 a new nonce.
      if (tries === 0 && (code === 401 || code === 438)) continue;
      if (!failed && (type & 0x0110) !== 0x0100) throw new Error(`not an answer: ${type}`);
      return [code, said];
    }
  }

  /** @returns 0, or the error code: 401 for a credential that does not hold */
  async allocate(): Promise<Code> {
    const [code, said] = await this.#signed(method.allocate, [[attribute.transport, udp]]);
    const relayed = said.get(attribute.relayed);
    if (relayed) this.relayed = readAddress(relayed);
    return code;
  }

  /** Seconds; 0 gives the relayed address back. */
  async refresh(seconds: number): Promise<Code> {
    const lifetime = Buffer.alloc(4);
    lifetime.writeUInt32BE(seconds);
    return (await this.#signed(method.refresh, [[attribute.lifetime, lifetime]]))[0];
  }

  /** May what we send reach this peer? 403: denied. */
  async permit(address: string): Promise<Code> {
    const peer: [number, Buffer] = [attribute.peer, xorAddress(address, 0)];
    return (await this.#signed(method.createPermission, [peer]))[0];
  }

  /** Sends through the relay; nothing says whether it arrived. */
  send(address: string, port: number, data: Buffer): void {
    const indication = encode(method.send | 0x0010, [
      [attribute.peer, xorAddress(address, port)],
      [attribute.data, data],
    ]);
    this.#socket.send(indication, this.#server.port, this.#server.address);
  }

  close(): void {
    this.#socket.close();
  }
}
