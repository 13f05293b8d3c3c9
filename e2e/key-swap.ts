/** A dishonest server in the way of the signalling: it shows each side keys of its own instead of the other's. */
import { createHash, createECDH, randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';

/** Fields, each with its length as 4 bytes big-endian before it [signalling.md "Safety code"]. */
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

interface Signal {
  type: string;
  from?: string;
  epoch?: number;
  commitment?: string;
  publicKey?: string;
  nonce?: string;
}

/**
 * From now on everything this page hears of the other side's keys is forged: a commitment to, and then the reveal of, a key
 * pair the swapper holds. It is as good a forgery as the protocol allows: the commitments fit.
 */
export async function swapKeys(page: Page, visit: string): Promise<{ swapped(): number }> {
  let swapped = 0;
  const forged = new Map<number, { point: Buffer; nonce: Buffer }>();
  const keyOf = (epoch: number) => {
    const made = forged.get(epoch) ?? {
      point: createECDH('prime256v1').generateKeys(),
      nonce: randomBytes(32),
    };
    forged.set(epoch, made);
    return made;
  };
  const forge = (message: Signal): Signal => {
    if (message.from === undefined || message.epoch === undefined) return message;
    const { point, nonce } = keyOf(message.epoch);
    if (message.type === 'commit') {
      swapped += 1;
      const fields = joined('afar-commit-1', visit, message.epoch, message.from, point, nonce);
      const commitment = createHash('sha256').update(fields).digest('base64url');
      return { ...message, commitment };
    }
    if (message.type === 'reveal') {
      swapped += 1;
      return {
        ...message,
        publicKey: point.toString('base64url'),
        nonce: nonce.toString('base64url'),
      };
    }
    return message;
  };
  await page.routeWebSocket(/\/api\/visits\/[^/]+\/socket/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      socket.send(JSON.stringify(forge(JSON.parse(String(text)) as Signal)));
    });
  });
  return { swapped: () => swapped };
}
