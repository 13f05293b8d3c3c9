/** A stranger registers: one account and one chart whatever happens on the way, and nobody learns who was here before. */
import type { Bundle, Consent, Patient, RelatedPerson } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dependants, RegisterAnswer } from './contract.ts';
import { ada, openFrontDoor, type FrontDoor } from './testing/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const all = async <T>(type: string, params: [string, string][]): Promise<T[]> => {
  const bundle: Bundle = await door.records.search(door.system, type, params);
  return (bundle.entry ?? []).map((one) => one.resource as T);
};

describe('her own account', () => {
  it('comes with a chart, a session and the consent to the terms', async () => {
    const { browser, me } = await door.register('ada@mail.example');
    expect(me).toMatchObject({
      role: 'patient',
      name: 'Ada Okonjo',
      email: 'ada@mail.example',
      zone: 'Europe/Stockholm',
    });
    const chart = await browser.send('GET', `/fhir/R4/Patient/${me.fhirUser!.id}`);
    expect(chart.json<Patient>()).toMatchObject({
      birthDate: '1984-02-29',
      gender: 'female',
      telecom: [{ system: 'email', value: 'ada@mail.example' }],
      communication: [{ language: { coding: [{ code: 'en-GB' }] } }],
    });
    const consents = await all<Consent>('Consent', [['patient', me.fhirUser!.id]]);
    expect(consents).toMatchObject([
      {
        status: 'active',
        policy: [{ uri: 'urn:afar:terms:2026-11' }],
        performer: [{ reference: `Patient/${me.fhirUser!.id}` }],
      },
    ]);
    const again = door.browser();
    const answer = await again.send('POST', '/auth/sign-in', {
      email: 'ADA@mail.example',
      password: 'blue lamp under nine stones',
    });
    expect(answer.statusCode).toBe(200);
  });

  it('may stand on a telephone number, however it is written', async () => {
    const { me } = await door.register('+34600100200', { person: { ...ada, given: 'Noor' } });
    expect(me.email).toBe('+34600100200');
    const answer = await door.browser().send('POST', '/auth/sign-in', {
      email: '0034 600-100-200',
      password: 'blue lamp under nine stones',
    });
    expect(answer.statusCode).toBe(200);
  });

  it('is made once of one proof, sent twice, at once, or after an answer that was lost', async () => {
    const person = { ...ada, given: 'Twice' };
    const { browser, proof } = await door.proven('twice@mail.example');
    const body = door.body(proof, {
      person,
      dependants: [{ ...ada, given: 'Kid', birthDate: '2020-05-01', relation: 'child' }],
    });
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => browser.send('POST', '/api/register', body)),
    );
    answers.push(await door.browser().send('POST', '/api/register', body));
    expect(answers.map((one) => one.statusCode)).toEqual([201, 201, 201, 201]);
    const accounts = new Set(answers.map((one) => one.json<RegisterAnswer>().me.accountId));
    expect(accounts.size).toBe(1);
    expect(await all<Patient>('Patient', [['given', 'Twice']])).toHaveLength(1);
    expect(await all<Patient>('Patient', [['given', 'Kid']])).toHaveLength(1);
  });

  it('is opened by its proof no further than by its password: not with another one, nor past a second factor', async () => {
    const { browser, proof } = await door.proven('replay@mail.example');
    const body = door.body(proof, { person: { ...ada, given: 'Replay' } });
    const first = await browser.send('POST', '/api/register', body);
    const { accountId } = first.json<RegisterAnswer>().me;
    const thief = (over = {}) => door.browser().send('POST', '/api/register', { ...body, ...over });
    expect((await thief({ password: 'seven green kettles sing' })).statusCode).toBe(409);
    const { access } = door;
    await access.accounts.change(1, accountId, { personal: { totp: 'JBSWY3DPEHPK3PXP' } });
    const answer = await thief();
    expect([answer.statusCode, answer.cookies]).toEqual([409, []]);
  });

  it('leaves nothing half made when it fails at its very end', async () => {
    const { browser, proof } = await door.proven('broken@mail.example');
    await door.data.ownerDb.query(
      `create function enrolment.fail() returns trigger language plpgsql as $$ begin raise 'cut off'; end $$;
       create trigger cut before update on enrolment.proof for each row execute function enrolment.fail()`,
    );
    const body = door.body(proof, { person: { ...ada, given: 'Half' } });
    const broken = await browser.send('POST', '/api/register', body);
    await door.data.ownerDb.query(
      'drop trigger cut on enrolment.proof; drop function enrolment.fail()',
    );
    expect(broken.statusCode).toBe(500);
    expect(await all<Patient>('Patient', [['given', 'Half']])).toEqual([]);
    expect(await door.access.accounts.byEmail(1, 'broken@mail.example')).toBeUndefined();
    expect((await browser.send('POST', '/api/register', body)).statusCode).toBe(201);
  });

  it('tells every fault at once, each with its place, and takes nothing of it', async () => {
    const { browser, proof } = await door.proven('faults@mail.example');
    const answer = await browser.send('POST', '/api/register', {
      ...door.body(proof),
      password: 'password1234',
      terms: '1999-01',
      zone: 'Mars/Olympus',
      person: { given: '', family: '<b>', birthDate: '2026-02-30', sex: 'x' },
      dependants: [
        { given: 'Old', family: 'Child', birthDate: '1990-01-01', sex: 'male', relation: 'child' },
        { given: 'A', family: 'B', birthDate: '2020-01-01', sex: 'male', relation: 'cousin' },
      ],
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ issue: { expression?: string[] }[] }>().issue[0]!.expression).toEqual([
      'person.given',
      'person.family',
      'person.birthDate',
      'person.sex',
      'dependants[0].birthDate',
      'dependants[1].relation',
      'terms',
      'zone',
      'password',
    ]);
    const minor = await browser.send(
      'POST',
      '/api/register',
      door.body(proof, { person: { ...ada, birthDate: '2015-01-01' } }),
    );
    expect(minor.statusCode).toBe(400);
  });

  it('needs a proof of its own hour', async () => {
    const { browser, proof } = await door.proven('late@mail.example');
    const other = await browser.send('POST', '/api/register', door.body('x'.repeat(43)));
    expect(other.statusCode).toBe(400);
    door.clock.advance(61 * 60_000);
    expect((await browser.send('POST', '/api/register', door.body(proof))).statusCode).toBe(400);
  });
});

describe('dependants', () => {
  const child = {
    given: 'Bo',
    family: 'Okonjo',
    birthDate: '2018-03-04',
    sex: 'male',
    relation: 'child',
  } as const;
  const parent = {
    given: 'Ife',
    family: 'Okonjo',
    birthDate: '1950-07-08',
    sex: 'female',
    relation: 'parent',
  } as const;

  it('open to her by a RelatedPerson, a child until it is of age, and close when the relation ends', async () => {
    const { browser, me } = await door.register('family@mail.example', {
      person: { ...ada, given: 'Mother' },
      dependants: [child, parent],
    });
    expect(me.proxies).toHaveLength(2);
    const listed = (await browser.send('GET', '/api/dependants')).json<Dependants>();
    expect(listed.dependants).toMatchObject([
      { name: 'Bo Okonjo', relation: 'child', ends: Date.UTC(2036, 2, 4) },
      { name: 'Ife Okonjo', relation: 'parent' },
    ]);
    const [bo, ife] = listed.dependants;
    const read = (patient: string, on = browser) =>
      on.send('GET', `/fhir/R4/Patient/${patient}`).then((one) => one.statusCode);
    expect(await read(bo!.patient)).toBe(200);
    const { browser: stranger } = await door.register('stranger@mail.example', {
      person: { ...ada, given: 'Stranger' },
    });
    expect(await read(bo!.patient, stranger)).toBe(404);

    // She writes for the child as herself, and for nobody else.
    const answers = (patient: string) =>
      browser.send('POST', '/fhir/R4/QuestionnaireResponse', {
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        subject: { reference: `Patient/${patient}` },
        author: { reference: `RelatedPerson/${bo!.related}` },
      });
    expect((await answers(bo!.patient)).statusCode).toBe(201);
    const foreign = (await stranger.send('GET', '/auth/me')).json<{ fhirUser: { id: string } }>()
      .fhirUser.id;
    expect([403, 404]).toContain((await answers(foreign)).statusCode);

    const related = await all<RelatedPerson>('RelatedPerson', [['patient', bo!.patient]]);
    expect(related).toMatchObject([
      { active: true, period: { start: '2026-11-21', end: '2036-03-03' } },
    ]);
    expect((await stranger.send('POST', `/api/dependants/${ife!.related}/end`)).statusCode).toBe(
      404,
    );
    expect((await browser.send('POST', `/api/dependants/${ife!.related}/end`)).statusCode).toBe(
      204,
    );
    expect(await read(ife!.patient)).toBe(404);
    expect(await read(bo!.patient)).toBe(200);
    const added = await browser.send('POST', '/api/dependants', { ...child, given: 'Cy' });
    expect(added.statusCode).toBe(201);
    expect(await read(added.json<{ patient: string }>().patient)).toBe(200);

    // The house ends a relation: the link in the account opens nothing more.
    await door.records.update(door.system, { ...related[0]!, active: false });
    expect(await read(bo!.patient)).toBe(404);
    const left = (await browser.send('GET', '/api/dependants')).json<Dependants>().dependants;
    expect(left.map((one) => one.name)).toEqual(['Cy Okonjo']);
  });

  it('of age are closed to her by the clock alone', async () => {
    const soon = { ...child, given: 'Teen', birthDate: '2008-11-30' };
    const { browser, me } = await door.register('teen@mail.example', {
      person: { ...ada, given: 'Parent' },
      dependants: [soon],
    });
    const { patient } = me.proxies![0]!;
    const read = () =>
      browser.send('GET', `/fhir/R4/Patient/${patient}`).then((one) => one.statusCode);
    expect(await read()).toBe(200);
    door.clock.advance(Date.UTC(2026, 10, 30) - door.clock.now());
    const on = await browser.send('POST', '/auth/sign-in', {
      email: 'teen@mail.example',
      password: 'blue lamp under nine stones',
    });
    expect(on.json<{ me: { proxies: unknown[] } }>().me.proxies).toEqual([]);
    expect(await read()).toBe(404);
  });
});

describe('who was here before', () => {
  it('is told to nobody: known and unknown addresses are answered byte for byte alike', async () => {
    await door.register('known@mail.example', { person: { ...ada, given: 'Known' } });
    door.clock.advance(3_600_000);
    const look = async (address: string) => {
      const on = door.browser();
      const reached = { channel: 'mail', address, locale: 'en' };
      const first = await on.send('POST', '/api/register/code', reached);
      const { ticket } = first.json<{ ticket: string }>();
      const tries = [];
      for (let n = 0; n < 6; n++)
        tries.push(
          await on.send('POST', '/api/register/verify', { ...reached, ticket, code: `00000${n}` }),
        );
      const again = await on.send('POST', '/api/register/code', reached);
      return [first, ...tries, again].map((one) => ({
        status: one.statusCode,
        body: one.body.replaceAll(ticket, '<ticket>').replaceAll(/"id":"[^"]*"/g, ''),
        headers: Object.entries(one.headers).filter(
          ([name]) => !['date', 'x-request-id'].includes(name),
        ),
      }));
    };
    expect(await look('known@mail.example')).toEqual(await look('nobody@mail.example'));
    const mails = await door.sent('known@mail.example');
    expect(mails.at(-1)).toContain('You have an account');
    expect(mails.at(-1)).not.toMatch(/\b\d{6}\b/);
  });

  it('is in no table, job or log line', async () => {
    const { rows: tables } = await door.data.ownerDb.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('access', 'enrolment', 'graphile_worker')`,
    );
    const kept = [door.log.text()];
    for (const { name } of tables) {
      const { rows } = await door.data.ownerDb.query<{ row: string }>(
        `select t::text as row from ${name} t`,
      );
      kept.push(...rows.map((one) => one.row));
    }
    const text = kept.join('\n').toLowerCase();
    for (const word of ['mail.example', 'okonjo', '600100200', '1984-02-29'])
      expect(text).not.toContain(word);
  });
});
