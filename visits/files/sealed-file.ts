/** A file of a patient's: sealed in the object store under a key of its own, which is sealed under hers. Without hers nothing opens it. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { freshKey } from '@afar/platform';
import type { House } from '../house.ts';

/** The row that names a file: its key opens there and nowhere else. */
export interface FileAt {
  tenant: number;
  patient: string;
  of: 'chat' | 'recording';
  id: string;
  /** The how manieth piece. */
  n?: number;
}

/** What the row keeps: a random name in the object store, and the file's key, sealed under the patient's. */
export interface KeptFile {
  object: string;
  key: Buffer;
}

export const fileContext = ({ of, id, n }: Pick<FileAt, 'of' | 'id' | 'n'>): string =>
  `visits.file ${of} ${id} ${n ?? ''}`;

const nameOf = (object: string): string => `visit-${object}`;

async function* once(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** Durable when it resolves. Each call makes a file of its own: of two that were sent at once the row names one, the other is removed. */
export async function putFile(house: House, at: FileAt, bytes: Buffer): Promise<KeptFile> {
  const object = randomUUID();
  const secret = randomBytes(32);
  const meta = { tenant: at.tenant, id: nameOf(object), key: freshKey(object, secret) };
  await house.objects.put(meta, once(bytes));
  const caller = systemCaller(at.tenant, house.clock, 'visit-file');
  const text = secret.toString('base64');
  const key = await house.records.sealFor(caller, at.patient, fileContext(at), text);
  return { object, key };
}

/** @throws Refusal 'gone' when the bytes are not there any more */
export async function getFile(house: House, at: FileAt, kept: KeptFile): Promise<Buffer> {
  const caller = systemCaller(at.tenant, house.clock, 'visit-file');
  const secret = await house.records.openFor(caller, at.patient, fileContext(at), kept.key);
  const key = freshKey(kept.object, Buffer.from(secret, 'base64'));
  const pieces: Buffer[] = [];
  try {
    const meta = { tenant: at.tenant, id: nameOf(kept.object), key };
    for await (const piece of house.objects.get(meta)) pieces.push(piece);
  } catch (error) {
    if ((error as { code?: string }).code === 'not-found')
      throw new Refusal('gone', { cause: error });
    throw error;
  }
  return Buffer.concat(pieces);
}

/** No error when it is not there. */
export const removeFile = (
  house: Pick<House, 'objects'>,
  tenant: number,
  object: string,
): Promise<void> => house.objects.remove({ tenant, id: nameOf(object) });

export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
