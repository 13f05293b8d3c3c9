/** AuditEvent as FHIR: valid, searched by date, person, patient and outcome, and for auditors only. */
import { randomUUID } from 'node:crypto';
import { validate, type AuditEvent, type Clause, type SearchQuery } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor } from '../caller.ts';
import { stage, start, type Person, type Stage } from '../testing.ts';

let at: Stage;
let doctor: Person;
let patientPerson: Person;
const [anna, ben] = [randomUUID(), randomUUID()] as [string, string];
const auditor = callerFor('auditor');

beforeAll(async () => {
  at = await stage();
  doctor = await at.person('practitioner', { name: 'Dr Maria Ekwueme' });
  patientPerson = await at.person('patient', { name: 'Karin Sjöberg' });
  for (let n = 0; n < 12; n++) {
    at.clock.set(start + n * 1_000);
    await at.access.audit.append({
      tenant: 1,
      at: at.clock.now(),
      requestId: randomUUID(),
      who: n % 2 ? doctor.id : patientPerson.id,
      role: n % 2 ? 'practitioner' : 'patient',
      ip: '192.0.2.9',
      device: 'Firefox',
      verb: 'R',
      action: n === 0 ? 'sign-in' : 'search-type',
      ...(n > 0 && { type: 'Observation' }),
      ...(n === 3 && { rid: randomUUID() }),
      patients: n % 3 ? [anna] : [anna, ben],
      purpose: 'TREAT',
      outcome: n === 5 ? 4 : 0,
      params: ['code', 'date'],
    });
  }
});
afterAll(() => at.close());

const query = (over: Partial<SearchQuery> = {}): SearchQuery => ({
  type: 'AuditEvent',
  clauses: [],
  include: [],
  revinclude: [],
  sort: [],
  count: 4,
  unknown: [],
  ...over,
});

const clause = (param: string, type: 'token' | 'date' | 'reference', value: object): Clause =>
  ({ kind: 'value', param, type, values: [{ kind: type, ...value }] }) as Clause;

async function found(clauses: Clause[], after?: string): Promise<AuditEvent[]> {
  const list: AuditEvent[] = [];
  for await (const { resource } of at.access.auditEvents.stream(auditor, query({ clauses }), after))
    list.push(resource);
  return list;
}

describe('AuditEvent', () => {
  it('is valid FHIR, whatever it tells', async () => {
    const all = await found([]);
    expect(all).toHaveLength(12);
    for (const one of all) expect(validate(one)).toEqual([]);
  });

  it('names staff, and patients by random id only', async () => {
    const text = JSON.stringify(await found([]));
    expect(text).toContain('Dr Maria Ekwueme');
    expect(text).not.toMatch(/Karin|Sjöberg/);
  });

  it('comes newest first and goes on after any key', async () => {
    const all = await found([]);
    const times = all.map((one) => Date.parse(one.recorded));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect((await found([], all[4]!.id)).map((one) => one.id)).toEqual(
      all.slice(5).map((one) => one.id),
    );
  });

  it('is searched by date, person, patient, outcome, action and id', async () => {
    const second = { start: start + 3_000, end: start + 4_000, text: '' };
    const dated = (prefix: string) => found([clause('date', 'date', { prefix, ...second })]);
    expect(await dated('eq')).toHaveLength(1);
    expect(await dated('ge')).toHaveLength(9);
    expect(await dated('gt')).toHaveLength(8);
    expect(await dated('le')).toHaveLength(4);
    expect(await dated('lt')).toHaveLength(3);
    const who = { system: 'urn:afar:account', code: doctor.id };
    expect(await found([clause('agent', 'reference', who)])).toHaveLength(6);
    const about = { type: 'Patient', id: ben };
    expect(await found([clause('patient', 'reference', about)])).toHaveLength(4);
    expect(await found([clause('outcome', 'token', { code: '4' })])).toHaveLength(1);
    expect(await found([clause('subtype', 'token', { code: 'sign-in' })])).toHaveLength(1);
    expect(await found([clause('action', 'token', { code: 'R' })])).toHaveLength(12);
    expect(await found([clause('action', 'token', { code: 'D' })])).toHaveLength(0);
    expect(await found([clause('agent-role', 'token', { code: 'patient' })])).toHaveLength(6);
    expect(await found([clause('type', 'token', { code: '110114' })])).toHaveLength(1);
    expect(await found([clause('type', 'token', { code: 'rest' })])).toHaveLength(11);
    expect(await found([clause('entity', 'reference', about)])).toHaveLength(4);
    const read = (await found([])).find(({ entity }) => entity?.[0]?.what?.reference)!;
    const [type, id] = read.entity![0]!.what!.reference!.split('/');
    expect(await found([clause('entity', 'reference', { type, id })])).toEqual([read]);
    const [newest] = await found([]);
    expect(await found([clause('_id', 'token', { code: newest!.id })])).toEqual([newest]);
    expect(await at.access.auditEvents.read(auditor, newest!.id!)).toEqual(newest);
  });

  it('refuses what it cannot search rather than ignore it', async () => {
    await expect(found([clause('site', 'token', { code: 'x' })])).rejects.toMatchObject({
      code: 'not-supported',
    });
    await expect(
      found([{ ...clause('outcome', 'token', { code: '0' }), modifier: 'not' } as Clause]),
    ).rejects.toMatchObject({ code: 'not-supported' });
  });

  it.each([
    ['outcome', 'x'],
    ['outcome', '99999'],
    ['outcome', '12'],
    ['type', 'nothing-known'],
    ['action', 'xyz'],
  ])('finds nothing by a %s that no event has: %s', async (param, code) => {
    expect(await found([clause(param, 'token', { code })])).toEqual([]);
  });

  it('does not stumble over ids that are not ids', async () => {
    expect(await at.access.auditEvents.read(auditor, 'x')).toBeUndefined();
    expect(await at.access.auditEvents.read(auditor, randomUUID())).toBeUndefined();
    expect(await found([clause('_id', 'token', { code: "' or 1=1" })])).toEqual([]);
  });

  it.each(['administrator', 'practitioner', 'nurse', 'patient'] as const)(
    'is closed to a %s',
    async (role) => {
      const caller = callerFor(role);
      await expect(at.access.auditEvents.read(caller, randomUUID())).rejects.toMatchObject({
        code: 'forbidden',
      });
      const stream = at.access.auditEvents.stream(caller, query());
      await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'forbidden',
      });
    },
  );

  it('is another clinic’s own', async () => {
    const elsewhere = callerFor('auditor', { tenant: 2 });
    const [one] = await found([]);
    expect(await at.access.auditEvents.read(elsewhere, one!.id!)).toBeUndefined();
  });
});
