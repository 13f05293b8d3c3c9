/** The office and the auditor's desk. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  ApprovalList,
  AskedUser,
  AuditPage,
  AuditSummary,
  DecidedApproval,
  OfficeUserPage,
  RoleTable,
} from '../contract.ts';
import { password, stage, start, type Browser, type Person, type Stage } from '../testing.ts';
import { totpCode } from '../totp.ts';

let at: Stage;
let administrator: Browser;
let second: Browser;
let auditor: Browser;
let doctor: Browser;
let patient: Browser;
let people: Record<
  'administrator' | 'second' | 'auditor' | 'practitioner' | 'nurse' | 'patient',
  Person
>;

beforeAll(async () => {
  at = await stage();
  people = {
    administrator: await at.person('administrator'),
    second: await at.person('administrator'),
    auditor: await at.person('auditor'),
    practitioner: await at.person('practitioner', { name: 'Dr Maria Ekwueme' }),
    nurse: await at.person('nurse'),
    patient: await at.person('patient', { name: 'Karin Sjöberg', email: 'karin@home.example' }),
  };
});
beforeEach(async () => {
  at.clock.advance(60_000);
  [administrator, second, auditor, doctor, patient] = await Promise.all([
    at.signIn(people.administrator),
    at.signIn(people.second),
    at.signIn(people.auditor),
    at.signIn(people.practitioner),
    at.signIn(people.patient),
  ]);
});
afterAll(() => at.close());

const patch = (browser: Browser, id: string, payload: object) =>
  browser.send({ method: 'PATCH', url: `/api/office/users/${id}`, payload });

/** The second administrator's yes to what the answer says was asked. */
async function agreed(answer: { json<T>(): T }): Promise<Record<string, string>> {
  const { approval } = answer.json<AskedUser>();
  const yes = await second.post(`/api/office/approvals/${approval.id}/approve`);
  expect(yes.statusCode).toBe(200);
  return yes.json<DecidedApproval>().result as Record<string, string>;
}

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

  it('two make an account: each has seen half of what signs it in', async () => {
    const made = { role: 'nurse', email: 'new.nurse@clinic.example', name: 'New Nurse' };
    const answer = await administrator.post('/api/office/users', made);
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['cache-control']).toBe('no-store');
    const asked = answer.json<AskedUser>();
    expect(asked).toMatchObject({ deciders: 1, approval: { state: 'open', may: ['withdraw'] } });
    const browser = at.browser();
    const early = await browser.post('/auth/sign-in', {
      email: made.email,
      password: asked.password,
    });
    expect(early.statusCode).toBe(401);
    const own = `/api/office/approvals/${asked.approval.id}/approve`;
    expect((await administrator.post(own)).statusCode).toBe(403);
    for (const stranger of [doctor, auditor, patient])
      expect((await stranger.post(own)).statusCode).toBe(403);
    const seen = (await second.get('/api/office/approvals')).json<ApprovalList>().approvals[0];
    expect(seen).toMatchObject({
      kind: 'create-user',
      asker: { name: people.administrator.name },
      about: { name: 'New Nurse', role: 'nurse', email: made.email },
      may: ['approve', 'refuse'],
    });
    const secrets = await agreed(answer);
    expect(secrets).not.toHaveProperty('password');
    expect((await second.post(own)).statusCode).toBe(409);
    const code = totpCode(secrets.totpSecret!, at.clock.now());
    await browser.post('/auth/sign-in', { email: made.email, password: asked.password });
    expect((await browser.post('/auth/second-factor', { code })).statusCode).toBe(200);
    expect((await administrator.post('/api/office/users', made)).statusCode).toBe(409);
    const listed =
      (await administrator.get('/api/office/users?limit=200')).body +
      (await second.get('/api/office/approvals')).body;
    expect(listed).not.toContain(asked.password);
    expect(listed).not.toContain(secrets.totpSecret!);
  });

  it('a stale sign-in neither asks nor decides', async () => {
    const made = { role: 'nurse', email: 'stale@clinic.example', name: 'Stale' };
    const { approval } = (await administrator.post('/api/office/users', made)).json<AskedUser>();
    at.clock.advance(11 * 60_000);
    expect((await administrator.post('/api/office/users', made)).statusCode).toBe(403);
    const yes = await second.post(`/api/office/approvals/${approval.id}/approve`);
    expect(yes.statusCode).toBe(403);
    expect(yes.body).toContain('step-up-required');
  });

  it.each([
    ['an administrator', { role: 'administrator' }],
    ['an auditor', { role: 'auditor' }],
    [
      'a patient of a record',
      {
        role: 'patient',
        fhirUser: { type: 'Patient', id: '018f0000-0000-7000-8000-000000000001' },
      },
    ],
  ])('%s takes two as well', async (_what, over) => {
    const email = `${over.role}.two@clinic.example`;
    const answer = await administrator.post('/api/office/users', { email, name: 'Two', ...over });
    expect(answer.statusCode).toBe(202);
    const signIn = { email, password: answer.json<AskedUser>().password! };
    expect((await at.browser().post('/auth/sign-in', signIn)).statusCode).toBe(401);
  });

  it('a patient without a record reaches nothing: one makes her', async () => {
    const made = { role: 'patient', email: 'nobody.yet@home.example', name: 'Nobody' };
    expect((await administrator.post('/api/office/users', made)).statusCode).toBe(201);
  });

  it('tells what each role may, as it is decided', async () => {
    const { roles, types } = (await administrator.get('/api/office/roles')).json<RoleTable>();
    const nurse = roles.indexOf('nurse');
    expect(types.find((one) => one.type === 'Observation')!.letters[nurse]).toBe('crvup-hs');
    expect((await doctor.get('/api/office/roles')).statusCode).toBe(403);
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
    const back = await patch(administrator, who.id, { status: 'active' });
    expect(back.statusCode).toBe(202);
    expect(
      (await at.browser().post('/auth/sign-in', { email: who.email, password })).statusCode,
    ).toBe(401);
    await agreed(back);
    at.clock.advance(60_000);
    await at.signIn(who);
  });

  it('another role begins with a new sign-in', async () => {
    const who = await at.person('nurse');
    const browser = await at.signIn(who);
    const up = await patch(administrator, who.id, { role: 'practitioner' });
    expect(up.statusCode).toBe(202);
    expect((await browser.get('/api/probe')).json()).toEqual({ role: 'nurse' });
    await agreed(up);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
    expect((await patch(administrator, who.id, { role: 'patient' })).statusCode).toBe(422);
    expect((await patch(administrator, people.patient.id, { role: 'nurse' })).statusCode).toBe(422);
  });

  it('a reset voids the old password, the old codes and every known browser', async () => {
    const who = await at.person('nurse');
    const browser = await at.signIn(who);
    const answer = await administrator.post(`/api/office/users/${who.id}/reset`);
    expect((await browser.get('/api/probe')).statusCode).toBe(200);
    const asked = answer.json<AskedUser>();
    const secrets = await agreed(answer);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
    const old = await at.browser().post('/auth/sign-in', { email: who.email, password });
    expect(old.statusCode).toBe(401);
    at.clock.advance(60_000);
    const fresh = at.browser();
    await fresh.post('/auth/sign-in', { email: who.email, password: asked.password });
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
