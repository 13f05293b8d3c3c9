/** A dishonest server in the way of the signalling: it shows each side keys of its own instead of the other's. */
import {
  createCipheriv,
  createECDH,
  createHash,
  type ECDH,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import type { Page } from 'playwright-core';

/** Fields, each with its length as 4 bytes big-endian before it [signalling.md "Keys and safety code"]. */
function joined(...fields: (string | number | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.isBuffer(field) ? field : Buffer.from(String(field));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

interface Signal {
  type: string;
  to?: string;
  from?: string;
  peer?: string;
  epoch?: number;
  commitment?: string;
  publicKey?: string;
  nonce?: string;
  wrapped?: string;
  roster?: { peer: string; session: number; role: string; seated: boolean }[];
}

interface Forged {
  ecdh: ECDH;
  point: Buffer;
  nonce: Buffer;
}

/** What the swapper knows of one page: who it is, who is there, and the key it has shown. */
class Swapper {
  swapped = 0;
  #own = '';
  #roster: NonNullable<Signal['roster']> = [];
  readonly #visit: string;
  readonly #forged = new Map<string, Forged>();
  readonly #shown = new Map<number, { point: Buffer; nonce: Buffer }>();

  constructor(visit: string) {
    this.#visit = visit;
  }

  /** What the page says to the server. */
  heard({ type, epoch, publicKey, nonce }: Signal): void {
    if (type === 'reveal')
      this.#shown.set(epoch!, {
        point: Buffer.from(publicKey!, 'base64url'),
        nonce: Buffer.from(nonce!, 'base64url'),
      });
  }

  /** What the page is told, with every key of another's replaced by one the swapper holds. */
  forge(message: Signal): Signal {
    const { type, from, epoch, peer, roster } = message;
    if (type === 'joined') this.#own = peer!;
    if (roster) this.#roster = roster;
    if (from === undefined || epoch === undefined) return message;
    const { point, nonce } = this.#keyOf(epoch, from);
    if (type === 'commit') {
      const fields = joined('afar-commit-1', this.#visit, epoch, from, point, nonce);
      return this.#swap({ ...message, commitment: sha256(fields).toString('base64url') });
    }
    if (type === 'reveal')
      return this.#swap({
        ...message,
        publicKey: point.toString('base64url'),
        nonce: nonce.toString('base64url'),
      });
    if (type === 'sender-key')
      return this.#swap({ ...message, wrapped: this.#wrapped(epoch, from) });
    return message;
  }

  #swap(message: Signal): Signal {
    this.swapped += 1;
    return message;
  }

  #keyOf(epoch: number, peer: string): Forged {
    const name = `${epoch} ${peer}`;
    let made = this.#forged.get(name);
    if (!made) {
      const ecdh = createECDH('prime256v1');
      made = { ecdh, point: ecdh.generateKeys(), nonce: randomBytes(32) };
      this.#forged.set(name, made);
    }
    return made;
  }

  /** A sender key of the swapper's own, wrapped so that it opens: nothing about the exchange is out of order. */
  #wrapped(epoch: number, from: string): string {
    const shown = this.#shown.get(epoch)!;
    const members = this.#roster
      .filter(({ peer, seated }) => seated || peer === this.#own)
      .toSorted((a, b) => (a.peer < b.peer ? -1 : 1));
    const fields = members.flatMap(({ peer, session, role }) => {
      const { point, nonce } = peer === this.#own ? shown : this.#keyOf(epoch, peer);
      return [peer, session, role, point, nonce];
    });
    const transcript = sha256(
      joined('afar-transcript-2', this.#visit, epoch, members.length, ...fields),
    );
    const secret = this.#keyOf(epoch, from).ecdh.computeSecret(shown.point);
    const info = joined('afar-wrap-1', from, this.#own);
    const key = Buffer.from(hkdfSync('sha256', secret, transcript, info, 16));
    const cipher = createCipheriv('aes-128-gcm', key, Buffer.alloc(12));
    cipher.setAAD(joined('afar-sender-key-1', this.#visit, epoch, from, this.#own));
    return Buffer.concat([
      cipher.update(randomBytes(32)),
      cipher.final(),
      cipher.getAuthTag(),
    ]).toString('base64url');
  }
}

/**
 * From now on everything this page hears of the other side's keys is forged: a commitment to, the reveal of, and a sender key
 * wrapped under a key pair the swapper holds. It is as good a forgery as the protocol allows: every step fits.
 */
export async function swapKeys(page: Page, visit: string): Promise<{ swapped(): number }> {
  const swapper = new Swapper(visit);
  await page.routeWebSocket(/\/api\/visits\/[^/]+\/socket/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      swapper.heard(JSON.parse(String(text)) as Signal);
      server.send(text);
    });
    server.onMessage((text) => {
      socket.send(JSON.stringify(swapper.forge(JSON.parse(String(text)) as Signal)));
    });
  });
  return { swapped: () => swapper.swapped };
}
