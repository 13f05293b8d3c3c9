/** Templates as they are kept: the clinic's, and each clinician's own; sealed, for words are free and may hold anything. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { aad, kidOf, open, seal } from '@afar/platform';
import { randomUUID } from 'node:crypto';
import type { Template, TemplateRequest } from '../contract.ts';
import type { House } from '../house.ts';
import { isUuid } from '../scheduling/rule.ts';

/** Of one owner: more is found by nobody. */
const most = 300;

interface Row {
  id: string;
  owner: string | null;
  kind: Template['kind'];
  revision: number;
  body: Buffer;
}

/** Bound to its owner and revision: a row moved to somebody else, or an older text, does not open. */
export const bindTemplate = (
  tenant: number,
  row: Pick<Row, 'id' | 'owner' | 'kind' | 'revision'>,
): Buffer => aad('visits.template', tenant, row.id, row.owner, row.kind, row.revision);

/** Whose templates this caller writes: the clinic's (null) or her own; everybody reads the clinic's and her own. */
function ownerOf(caller: Caller): string | null {
  if (caller.role === 'administrator') return null;
  const own = caller.fhirUser;
  if (own?.type !== 'Practitioner') throw new Refusal('forbidden');
  return own.id;
}

export async function listTemplates(house: House, caller: Caller): Promise<Template[]> {
  const owner = ownerOf(caller);
  const { rows } = await house.db.query<Row>({
    name: 'visits.templates',
    text: `select id, owner, kind, revision, body from visits.template
      where tenant = $1 and (owner is null or owner = $2) order by kind, updated desc, id`,
    values: [caller.tenant, owner],
  });
  const found = await Promise.all(
    rows.map(async (row): Promise<Template> => {
      // Keys change beside reading: a row opens with the one that sealed it.
      const key = await house.keys.byId(caller.tenant, kidOf(row.body));
      const plain = open(row.body, key, bindTemplate(caller.tenant, row)).toString('utf8');
      const said = JSON.parse(plain) as Pick<Template, 'name' | 'abbr' | 'body'>;
      const { id, kind, revision } = row;
      return { id, kind, scope: row.owner === null ? 'clinic' : 'own', revision, ...said };
    }),
  );
  return found.toSorted((one, other) => one.name.localeCompare(other.name));
}

async function sealed(
  house: House,
  tenant: number,
  row: Omit<Row, 'body'>,
  { name, abbr, body }: TemplateRequest,
): Promise<Buffer> {
  const said = JSON.stringify({ name, ...(abbr && { abbr }), body });
  return seal(said, await house.keys.tenant(tenant), bindTemplate(tenant, row));
}

/** An abbreviation is one phrase's: its own before the clinic's, never two of one owner. */
async function requireFree(
  house: House,
  caller: Caller,
  ask: TemplateRequest,
  id?: string,
): Promise<void> {
  const scope = ownerOf(caller) === null ? 'clinic' : 'own';
  const same = (await listTemplates(house, caller)).filter((one) => one.scope === scope);
  if (!id && same.length >= most)
    throw new Refusal('conflict', { diagnostics: `${most} templates at most` });
  if (ask.abbr && same.some((one) => one.abbr === ask.abbr && one.id !== id))
    throw new Refusal('conflict', { diagnostics: 'a phrase of yours has this abbreviation' });
}

/** @throws Refusal 'conflict' when the abbreviation is taken */
export async function addTemplate(
  house: House,
  caller: Caller,
  ask: TemplateRequest,
): Promise<Template> {
  const owner = ownerOf(caller);
  await requireFree(house, caller, ask);
  const row = { id: randomUUID(), owner, kind: ask.kind, revision: 1 };
  await house.db.query({
    name: 'visits.add-template',
    text: `insert into visits.template (tenant, id, owner, kind, revision, body, updated)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [
      caller.tenant,
      row.id,
      owner,
      row.kind,
      row.revision,
      await sealed(house, caller.tenant, row, ask),
      house.clock.now(),
    ],
  });
  const { name, abbr, body } = ask;
  const scope = owner === null ? 'clinic' : 'own';
  return { id: row.id, kind: ask.kind, scope, revision: 1, name, ...(abbr && { abbr }), body };
}

/** @throws Refusal 'not-found' for another's, 'conflict' on an older revision */
export async function changeTemplate(
  house: House,
  caller: Caller,
  id: unknown,
  ask: TemplateRequest,
): Promise<Template> {
  const owner = ownerOf(caller);
  if (!isUuid(id)) throw new Refusal('not-found');
  const known = (await listTemplates(house, caller)).find((one) => one.id === id);
  const scope = owner === null ? 'clinic' : 'own';
  if (known?.scope !== scope) throw new Refusal('not-found');
  if (ask.kind !== known.kind || ask.revision !== known.revision)
    throw new Refusal('conflict', { diagnostics: 'it was changed meanwhile' });
  await requireFree(house, caller, ask, id);
  const row = { id, owner, kind: ask.kind, revision: known.revision + 1 };
  const { rowCount } = await house.db.query({
    name: 'visits.change-template',
    text: `update visits.template set revision = $4, body = $5, updated = $6
      where tenant = $1 and id = $2 and owner is not distinct from $3 and revision = $4 - 1`,
    values: [
      caller.tenant,
      id,
      owner,
      row.revision,
      await sealed(house, caller.tenant, row, ask),
      house.clock.now(),
    ],
  });
  if (!rowCount) throw new Refusal('conflict', { diagnostics: 'it was changed meanwhile' });
  const { name, abbr, body } = ask;
  return { id, kind: ask.kind, scope, revision: row.revision, name, ...(abbr && { abbr }), body };
}

/** @throws Refusal 'not-found' for another's */
export async function removeTemplate(house: House, caller: Caller, id: unknown): Promise<void> {
  if (!isUuid(id)) throw new Refusal('not-found');
  const { rowCount } = await house.db.query({
    name: 'visits.remove-template',
    text: 'delete from visits.template where tenant = $1 and id = $2 and owner is not distinct from $3',
    values: [caller.tenant, id, ownerOf(caller)],
  });
  if (!rowCount) throw new Refusal('not-found');
}
