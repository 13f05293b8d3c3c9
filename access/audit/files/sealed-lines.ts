/** Lines that prove themselves: each counted into one hash, the last signed; readable on their own or sealed piece by piece. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { aad, open, seal, type DataKey } from '@afar/platform';

/** The last line. */
export interface End {
  events: number;
  links: number;
  /** Of every line before, each with its newline. */
  sha256: string;
  signature: string;
}

/** Plain bytes of one sealed piece, about. */
const pieceBytes = 512 * 1024;

const statement = (end: Omit<End, 'signature'>): Buffer =>
  Buffer.from(`afar audit file 1 ${end.events} ${end.links} ${end.sha256}`);

/** The public half of a signing key, PEM. */
export const publicOf = (key: string): string =>
  createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' }).toString();

/** Lines on their way out, with the signed one at their end. */
export async function* signedLines(
  lines: AsyncIterable<object>,
  key: string,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  let events = 0;
  let links = 0;
  for await (const line of lines) {
    if ('row' in line) events++;
    if ('link' in line) links++;
    const text = JSON.stringify(line) + '\n';
    hash.update(text);
    yield text;
  }
  const end = { events, links, sha256: hash.digest('hex') };
  const signature = sign(null, statement(end), createPrivateKey(key)).toString('base64');
  yield JSON.stringify({ end: { ...end, signature } satisfies End }) + '\n';
}

/** Whether the end is signed by the key, and speaks of these lines. */
export function isSigned(end: End, sha256: string, publicKey: string): boolean {
  const { signature, ...said } = end;
  return (
    said.sha256 === sha256 &&
    verify(null, statement(said), createPublicKey(publicKey), Buffer.from(signature, 'base64'))
  );
}

const bindPiece = (tenant: number, month: number, index: number): Buffer =>
  aad('access.audit-month', tenant, month, index);

/** Pieces sealed under the clinic's key, one a line in base64; the last one says that it is the last. */
export async function* sealedPieces(
  lines: AsyncIterable<string>,
  key: DataKey,
  tenant: number,
  month: number,
): AsyncGenerator<string> {
  let held = '';
  let index = 0;
  for await (const line of lines) {
    held += line;
    if (held.length < pieceBytes) continue;
    yield seal(held, key, bindPiece(tenant, month, index++)).toString('base64') + '\n';
    held = '';
  }
  yield seal(held, key, bindPiece(tenant, month, index)).toString('base64') + '\n';
}

/** @throws SealBroken for a piece that was changed, or lies elsewhere than it was sealed for */
export async function* openedPieces(
  pieces: AsyncIterable<string>,
  key: DataKey,
  tenant: number,
  month: number,
): AsyncGenerator<string> {
  let index = 0;
  let rest = '';
  for await (const piece of pieces) {
    if (piece === '') continue;
    rest += open(Buffer.from(piece, 'base64'), key, bindPiece(tenant, month, index++)).toString(
      'utf8',
    );
    const lines = rest.split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}
