/** The office and the auditor's desk. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditPage, AuditSummary, NewUserSecrets, OfficeUserPage } from '../contract.ts';
import { password, stage, start, type Browser, type Person, type Stage } from '../testing.ts';
import { totpCode } from '../totp.ts';

let at: Stage;
let administrator: Browser;
let auditor: Browser;
let doctor: Browser;
let patient: Browser;
let people: Record<'administrator' | 'auditor' | 'practitioner' | 'nurse' | 'patient', Person>;

beforeAll(async () => {
  at = await stage();
  people = {
    administrator: await at.person('administrator'),
    auditor: await at.person('auditor'),
    practitioner: await at.person('practitioner', { name: 'Dr Maria Ekwueme' }),
    nurse: await at.person('nurse'),
    patient: await at.person('patient', { name: 'Karin Sjöberg', email: 'karin@home.example' }),
  };
});
beforeEach(async () => {
  at.clock.advance(60_000);
  administrator = await at.signIn(people.administrator);
  auditor = await at.signIn(people.auditor);
  doctor = await at.signIn(people.practitioner);
  patient = await at.signIn(people.patient);
});
afterAll(() => at.close());

const patch = (browser: Browser, id: string, payload: object) =>
  browser.send({ method: 'PATCH', url: `/api/office/users/${id}`, payload });

describe('the office', () => {
  it('is for administrators with their second factor', async () => {
    for (const browser of [auditor, doctor, patient, await at.signIn(people.nurse)]) {
      expect((await browser.get('/api/office/users')).statusCode).toBe(403);
      const made = { role: 'administrator', email: 'evil@x.example', name: 'Evil' };
      expect((await browser.post('/api/office/users', made)).statusCode).toBe(403);
      const up = await patch(browser, people.practitioner.id, { role: 'administrator' });
      expect(up.statusCode).toBe(403);
      expect((await browser.post(`/api/office/users/${people.nurse.id}/reset`)).statusCode).toBe(
        403,
      );
    }
    expect((await at.browser().get('/api/office/users')).statusCode).toBe(401);
    const half = at.browser();
    await half.post('/auth/sign-in', { email: people.administrator.email, password });
    expect((await half.get('/api/office/users')).statusCode).toBe(403);
    expect((await administrator.get('/api/office/users')).statusCode).toBe(200);
  });

  it('lists accounts page by page', async () => {
    const ids: string[] = [];
    let cursor = '';
    for (let page = 0; page < 10; page++) {
      const url = `/api/office/users?limit=2${cursor && `&cursor=${cursor}`}`;
      const { users, next } = (await administrator.get(url)).json<OfficeUserPage>();
      ids.push(...users.map((one) => one.id));
      if (!next) break;
      cursor = next;
    }
    expect(ids).toEqual(expect.arrayContaining(Object.values(people).map((one) => one.id)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('makes an account that can sign in with what was shown once', async () => {
    const made = { role: 'nurse', email: 'new.nurse@clinic.example', name: 'New Nurse' };
    const answer = await administrator.post('/api/office/users', made);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    const secrets = answer.json<NewUserSecrets>();
    const browser = at.browser();
    await browser.post('/auth/sign-in', { email: made.email, password: secrets.password });
    const code = totpCode(secrets.totpSecret!, at.clock.now());
    expect((await browser.post('/auth/second-factor', { code })).statusCode).toBe(200);
    expect((await administrator.post('/api/office/users', made)).statusCode).toBe(409);
    const listed = (await administrator.get('/api/office/users?limit=200')).body;
    expect(listed).not.toContain(secrets.password);
    expect(listed).not.toContain(secrets.totpSecret!);
  });

  it.each([
    { role: 'system', email: 'a@b.example', name: 'A' },
    { role: 'nurse', email: 'not an address', name: 'A' },
    { role: 'nurse', email: 'a@b.example' },
    {
      role: 'auditor',
      email: 'a@b.example',
      name: 'A',
      fhirUser: { type: 'Practitioner', id: '018f0000-0000-7000-8000-000000000001' },
    },
  ])('refuses %o', async (made) => {
    expect((await administrator.post('/api/office/users', made)).statusCode).toBe(400);
  });

  it('a disabled user is out at once and stays out', async () => {
    const who = await at.person('practitioner');
    const browser = await at.signIn(who);
    expect((await patch(administrator, who.id, { status: 'disabled' })).statusCode).toBe(200);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
    const again = await at.browser().post('/auth/sign-in', { email: who.email, password });
    expect(again.statusCode).toBe(401);
    expect((await patch(administrator, who.id, { status: 'active' })).statusCode).toBe(200);
    at.clock.advance(60_000);
    await at.signIn(who);
  });

  it('another role begins with a new sign-in', async () => {
    const who = await at.person('nurse');
    const browser = await at.signIn(who);
    expect((await patch(administrator, who.id, { role: 'practitioner' })).statusCode).toBe(200);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
    expect((await patch(administrator, who.id, { role: 'patient' })).statusCode).toBe(422);
    expect((await patch(administrator, people.patient.id, { role: 'nurse' })).statusCode).toBe(422);
  });

  it('a reset voids the old password, the old codes and every known browser', async () => {
    const who = await at.person('nurse');
    const browser = await at.signIn(who);
    const answer = await administrator.post(`/api/office/users/${who.id}/reset`);
    const secrets = answer.json<NewUserSecrets>();
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
    const old = await at.browser().post('/auth/sign-in', { email: who.email, password });
    expect(old.statusCode).toBe(401);
    at.clock.advance(60_000);
    const fresh = at.browser();
    await fresh.post('/auth/sign-in', { email: who.email, password: secrets.password });
    const stale = totpCode(who.totp!, at.clock.now());
    expect((await fresh.post('/auth/second-factor', { code: stale })).statusCode).toBe(401);
    const code = totpCode(secrets.totpSecret!, at.clock.now());
    expect((await fresh.post('/auth/second-factor', { code })).statusCode).toBe(200);
  });

  it('an administrator does not lock herself out, or touch what is not there', async () => {
    const own = people.administrator.id;
    expect((await patch(administrator, own, { status: 'disabled' })).statusCode).toBe(403);
    expect((await administrator.post(`/api/office/users/${own}/reset`)).statusCode).toBe(403);
    for (const id of ['x', '018f0000-0000-7000-8000-00000000dead', '__proto__']) {
      expect((await patch(administrator, id, { status: 'active' })).statusCode).toBe(404);
      expect((await administrator.post(`/api/office/users/${id}/reset`)).statusCode).toBe(404);
    }
  });

  it('keeps names, addresses and secrets sealed', async () => {
    const { rows } = await at.database.ownerDb.query<{ text: string }>(
      'select a::text as text from access.account a union all select s::text from access.session s',
    );
    const all = rows.map((row) => row.text).join('\n');
    for (const word of [
      'Sjöberg',
      'karin',
      'home.example',
      'Ekwueme',
      'argon2id',
      people.nurse.totp!,
    ]) {
      expect(all).not.toContain(word);
      expect(all).not.toContain(Buffer.from(word).toString('hex'));
    }
    expect(at.log.text()).not.toMatch(/karin|Sjöberg|Ekwueme|clinic\.example/);
  });

  it('a policy column edited behind the program opens nothing', async () => {
    const who = await at.person('nurse');
    const browser = await at.signIn(who);
    await at.database.ownerDb.query(
      `update access.account set role = 'administrator' where id = $1`,
      [who.id],
    );
    expect((await browser.get('/api/office/users')).statusCode).toBeGreaterThanOrEqual(400);
    await at.database.ownerDb.query(`update access.account set role = 'nurse' where id = $1`, [
      who.id,
    ]);
  });
});

describe('the auditor', () => {
  it('sees who did what, when and from where, and no patient by name', async () => {
    at.clock.advance(60_000);
    const from = at.clock.now();
    const seen = await at.signIn(
      people.patient,
      at.browser({ ip: '192.0.2.200', agent: 'Her Phone' }),
    );
    await seen.get('/api/office/users');
    await at.signIn(people.practitioner);
    const answer = await auditor.post('/api/auditor/search', { from });
    const { rows } = answer.json<AuditPage>();
    const hers = rows.find(
      (row) => row.who.id === people.patient.id && row.action === 'list-users',
    )!;
    expect(hers).toMatchObject({
      who: { id: people.patient.id, role: 'patient' },
      ip: '192.0.2.200',
      device: 'Her Phone',
      outcome: 4,
      verb: 'R',
    });
    expect(hers.who).not.toHaveProperty('name');
    const his = rows.find((row) => row.who.id === people.practitioner.id)!;
    expect(his.who.name).toBe('Dr Maria Ekwueme');
    expect(answer.body).not.toMatch(/karin|Sjöberg/i);
  });

  it('narrows by everything, and pages without losing or repeating', async () => {
    const from = start;
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await auditor.post('/api/auditor/search', {
        from,
        to: at.clock.now(),
        limit: 7,
        cursor,
      });
      const page = answer.json<AuditPage>();
      all.push(...page.rows.map((row) => row.id));
      cursor = page.next;
    } while (cursor);
    const { rows } = await at.database.db.query<{ id: string }>(
      'select id from access.audit_event where at < $1 order by at desc, id desc',
      [at.clock.now()],
    );
    expect(all).toEqual(rows.map((row) => row.id));
    const search = async (filter: object) =>
      (await auditor.post('/api/auditor/search', { limit: 200, ...filter })).json<AuditPage>().rows;
    for (const row of await search({ who: people.nurse.id }))
      expect(row.who.id).toBe(people.nurse.id);
    for (const row of await search({ action: 'sign-in' })) expect(row.action).toBe('sign-in');
    for (const row of await search({ outcome: 4 })) expect(row.outcome).toBe(4);
    expect(await search({ type: 'Condition' })).toEqual([]);
  });

  it('counts', async () => {
    const to = at.clock.now() + 1;
    const summary = (
      await auditor.post('/api/auditor/summary', { from: start, to })
    ).json<AuditSummary>();
    const sum = (list: { count: number }[]): number =>
      list.reduce((all, one) => all + one.count, 0);
    expect(summary.total).toBeGreaterThan(20);
    expect(sum(summary.hours)).toBe(summary.total);
    expect(sum(summary.outcomes)).toBe(summary.total);
    expect(sum(summary.actions)).toBe(summary.total);
    expect(summary.refused).toBeGreaterThan(0);
    expect(summary.who.find((one) => one.id === people.patient.id)).not.toHaveProperty('name');
    const long = await auditor.post('/api/auditor/summary', { from: 0, to });
    expect(long.statusCode).toBe(400);
  });

  it('counts the patients whose data each person saw', async () => {
    const [one, two, who] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    for (const patients of [[one], [one, two], []])
      await at.access.audit.append({
        tenant: 1,
        at: at.clock.now(),
        requestId: 'r',
        who,
        role: 'practitioner',
        ip: '',
        verb: 'R',
        action: 'read',
        patients,
        purpose: 'TREAT',
        outcome: 0,
      });
    const to = at.clock.now() + 1;
    const answer = await auditor.post('/api/auditor/summary', { from: start, to });
    const hers = answer.json<AuditSummary>().who.find((row) => row.id === who);
    expect(hers).toMatchObject({ count: 3, patients: 2 });
  });

  it('is an auditor: nobody clinical reads the trail', async () => {
    for (const browser of [doctor, patient]) {
      expect((await browser.post('/api/auditor/search', {})).statusCode).toBe(403);
      const span = { from: start, to: start + 1 };
      expect((await browser.post('/api/auditor/summary', span)).statusCode).toBe(403);
    }
    expect((await at.browser().post('/api/auditor/search', {})).statusCode).toBe(401);
  });

  it('reading the trail leaves its own trace', async () => {
    await auditor.post('/api/auditor/search', { who: people.nurse.id });
    const { rows } = (
      await auditor.post('/api/auditor/search', { action: 'audit-search' })
    ).json<AuditPage>();
    expect(rows[0]).toMatchObject({ who: { id: people.auditor.id }, params: ['who'] });
  });
});
