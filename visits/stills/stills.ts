/** A picture from the patient's camera: asked for in the call, taken with her yes, kept in the chart as Media with its Binary. */
import { createHash } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Binary, Media } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { StillView } from '../contract.ts';
import { iso, tell, type House } from '../house.ts';
import { inHerName } from '../in-her-name.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';
import { readJpeg } from './jpeg.ts';

/** 12 megapixels at good quality are 5 MB. */
export const stillBytes = 12 * 1024 * 1024;
const leastSide = 64;
const mostSide = 12_000;
const mostPixels = 50_000_000;
const mostStills = 40;
/** 2 min: asked, agreed, taken; later she is asked anew. */
const agreedMs = 120_000;

interface Row {
  id: string;
  state: StillView['state'];
  asked_by: string;
  asked: number;
  answered: number | null;
  media: string | null;
}

const columns = 'id, state, asked_by, asked, answered, media';

const viewOf = ({ id, state, asked, media }: Row): StillView => ({
  id,
  state,
  askedAt: iso(asked),
  ...(media && { media: `Media/${media}` }),
});

async function lockStill(
  sql: Queryable,
  { tenant, rid }: VisitRow,
  id: string,
): Promise<Row | undefined> {
  const { rows } = await sql.query<Row>({
    name: 'visits.lock-still',
    text: `select ${columns} from visits.still where tenant = $1 and visit = $2 and id = $3 for update`,
    values: [tenant, rid, id],
  });
  return rows[0];
}

const happened = (house: House, { tenant, rid: visit }: VisitRow, row: Row): void =>
  tell(house, 'happened', {
    tenant,
    visit,
    event: { type: 'still', still: row.id, state: row.state },
  });

/** Asks the patient. The same id again is the same question. */
export async function askStill(
  house: House,
  caller: Caller,
  visit: VisitRow,
  id: string,
): Promise<StillView> {
  const { tenant, rid } = visit;
  const row = await house.db.tx(async (tx) => {
    await lockVisit(tx, tenant, rid);
    const { rows } = await tx.query<{ n: number }>({
      name: 'visits.count-stills',
      text: 'select count(*)::int as n from visits.still where tenant = $1 and visit = $2 and id <> $3',
      values: [tenant, rid, id],
    });
    if (rows[0]!.n >= mostStills)
      throw new Refusal('conflict', { diagnostics: `${mostStills} pictures of a visit` });
    await tx.query({
      name: 'visits.ask-still',
      text: `insert into visits.still (tenant, visit, id, state, asked_by, asked) values ($1, $2, $3, 'asked', $4, $5)
        on conflict do nothing`,
      values: [tenant, rid, id, caller.id, house.clock.now()],
    });
    return (await lockStill(tx, visit, id))!;
  });
  happened(house, visit, row);
  return viewOf(row);
}

/** The patient's word. Safe to repeat. @throws Refusal 'not-found', 'conflict' after another word */
export async function answerStill(
  house: House,
  visit: VisitRow,
  id: string,
  agree: boolean,
): Promise<StillView> {
  const state = agree ? 'agreed' : 'refused';
  const row = await house.db.tx(async (tx) => {
    const row = await lockStill(tx, visit, id);
    if (!row) throw new Refusal('not-found');
    if (row.state === state) return row;
    // Until the picture is there she may still take her yes back.
    if (row.state !== 'asked' && !(row.state === 'agreed' && !agree))
      throw new Refusal('conflict', { detail: row.state });
    await tx.query({
      name: 'visits.answer-still',
      text: 'update visits.still set state = $4, answered = $5 where tenant = $1 and visit = $2 and id = $3',
      values: [visit.tenant, visit.rid, id, state, house.clock.now()],
    });
    return { ...row, state } as Row;
  });
  happened(house, visit, row);
  return viewOf(row);
}

function mediaOf(
  visit: VisitRow,
  binary: string,
  picture: { width: number; height: number; clean: Buffer },
  now: number,
): Media {
  return {
    resourceType: 'Media',
    status: 'completed',
    type: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/media-type', code: 'image' }],
    },
    subject: { reference: `Patient/${visit.patient}` },
    ...(visit.encounter && { encounter: { reference: `Encounter/${visit.encounter}` } }),
    createdDateTime: iso(now),
    operator: { reference: `Patient/${visit.patient}` },
    reasonCode: [{ text: 'Asked for by the clinician during a video visit' }],
    width: picture.width,
    height: picture.height,
    content: {
      contentType: 'image/jpeg',
      url: `Binary/${binary}`,
      size: picture.clean.length,
      // [FHIR R4 datatypes.html#Attachment] SHA-1, base64.
      hash: createHash('sha1').update(picture.clean).digest('base64'),
      creation: iso(now),
    },
  };
}

/** @throws Refusal 'unsupported-media' for what is no whole JPEG, 'unprocessable' for one that no camera took */
export function pictureIn(bytes: Buffer): { width: number; height: number; clean: Buffer } {
  const picture = readJpeg(bytes);
  if (!picture) throw new Refusal('unsupported-media', { diagnostics: 'a whole JPEG is needed' });
  const { width, height } = picture;
  const sides = [width, height];
  if (sides.some((side) => side < leastSide || side > mostSide) || width * height > mostPixels)
    throw new Refusal('unprocessable', {
      diagnostics: `${leastSide} to ${mostSide} pixels a side, ${mostPixels / 1e6} megapixels in all`,
    });
  return picture;
}

/**
 * Keeps the picture, in the name of the clinician who asked: the patient's browser sends it, the chart is hers to write. Safe to repeat.
 * @throws Refusal 'not-found', 'conflict' without the patient's fresh yes
 */
export async function keepStill(
  house: House,
  visit: VisitRow,
  id: string,
  bytes: Buffer,
): Promise<StillView> {
  const picture = pictureIn(bytes);
  const { tenant, patient } = visit;
  const now = house.clock.now();
  const first = await house.db.tx((tx) => lockStill(tx, visit, id));
  if (!first) throw new Refusal('not-found');
  if (first.state === 'kept') return viewOf(first);
  const clinician = await inHerName(house, tenant, first.asked_by, 'still');
  if (!clinician) throw new Refusal('conflict', { detail: 'who asked is gone' });
  const row = await house.records.write(clinician, async (tx) => {
    const row = (await lockStill(tx.sql, visit, id))!;
    if (row.state === 'kept') return row;
    if (row.state !== 'agreed' || now - (row.answered ?? 0) > agreedMs)
      throw new Refusal('conflict', { detail: `still ${row.state}` });
    const binary = await tx.create<Binary>({
      resourceType: 'Binary',
      contentType: 'image/jpeg',
      securityContext: { reference: `Patient/${patient}` },
      data: picture.clean.toString('base64'),
    });
    const media = await tx.create<Media>(mediaOf(visit, binary.rid, picture, now));
    await tx.sql.query({
      name: 'visits.keep-still',
      text: `update visits.still set state = 'kept', media = $4, kept = $5 where tenant = $1 and visit = $2 and id = $3`,
      values: [tenant, visit.rid, id, media.rid, now],
    });
    return { ...row, state: 'kept' as const, media: media.rid };
  });
  happened(house, visit, row);
  return viewOf(row);
}

export async function stillsOf(house: House, { tenant, rid }: VisitRow): Promise<StillView[]> {
  const { rows } = await house.db.query<Row>({
    name: 'visits.stills',
    text: `select ${columns} from visits.still where tenant = $1 and visit = $2 order by asked, id`,
    values: [tenant, rid],
  });
  return rows.map(viewOf);
}
