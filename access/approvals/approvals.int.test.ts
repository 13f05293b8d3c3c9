/** Two people: who may ask, who may decide, that it is done once and in one transaction, and what a hand in the table changes. */
import { SealBroken } from '@afar/platform';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { callerFor, systemCaller, type Caller } from '../caller.ts';
import { stage, type Stage } from '../testing.ts';

let at: Stage;
let asker: Caller;
let second: Caller;
let third: Caller;
let gains: Caller;
let done: string[];
let fails = false;

const adminOf = (id: string): Caller => callerFor('administrator', { id, at: at.clock.now() });

beforeAll(async () => {
  at = await stage();
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) ids.push((await at.person('administrator')).id);
  [asker, second, third, gains] = ids.map(adminOf) as [Caller, Caller, Caller, Caller];
  at.access.approvals.register<{ word: string; for?: string }>('test', {
    read: (body) => body as { word: string; for?: string },
    about: ({ word }) => ({ word }),
    beneficiary: (body) => body.for,
    async run({ body }, on) {
      await on.query(`insert into access.signing_key values (1, $1, 'test', '', 0)`, [body.word]);
      if (fails) throw new Error('halfway');
      return {
        result: { said: body.word },
        after: () => Promise.resolve(void done.push(body.word)),
      };
    },
  });
});
beforeEach(() => {
  done = [];
  fails = false;
});
afterAll(() => at.close());

const words = async (): Promise<string[]> => {
  const { rows } = await at.database.ownerDb.query<{ kid: string }>(
    `select kid from access.signing_key where purpose = 'test' order by kid`,
  );
  return rows.map((row) => row.kid);
};
const actions = async (id: string): Promise<string[]> => {
  const { rows } = await at.database.ownerDb.query<{ action: string; who: string }>(
    `select action, who from access.audit_event where rid = $1 order by seq`,
    [id],
  );
  return rows.map((row) => `${row.action} ${row.who}`);
};
const code = (one: string) => expect.objectContaining({ code: one });

it('one asks, another decides; it is done once, and both stand in the trail', async () => {
  const { approvals, notices } = at.access;
  const { id, state } = await approvals.ask(asker, 'test', { word: 'once' });
  expect([state, await words()]).toEqual(['open', []]);
  expect(await approvals.deciders(1, asker.id)).toBe(3);
  expect(await notices.list(1, second.id, 9)).toMatchObject([{ kind: 'approval-asked' }]);
  expect(await notices.list(1, asker.id, 9)).toEqual([]);
  const all = await Promise.allSettled(
    [second, third, second].map((who) => approvals.decide(who, id, 'approve')),
  );
  expect(all.filter((one) => one.status === 'fulfilled')).toMatchObject([
    { value: { approval: { state: 'approved' }, result: { said: 'once' } } },
  ]);
  expect([await words(), done]).toEqual([['once'], ['once']]);
  expect(await notices.list(1, asker.id, 9)).toMatchObject([
    { kind: 'approval-decided', about: { verdict: 'approved' } },
  ]);
  const [first, then, ...more] = await actions(id);
  expect([first, more]).toEqual([`ask test ${asker.id}`, []]);
  expect(then).toMatch(/^approve test /);
});

it('neither who asked nor who gains decides, nor anybody of another office', async () => {
  const { approvals } = at.access;
  const { id } = await approvals.ask(asker, 'test', { word: 'mine', for: gains.id });
  const practitioner = callerFor('practitioner', { id: second.id });
  for (const who of [asker, gains, practitioner, { ...practitioner, role: 'auditor' as const }])
    await expect(approvals.decide(who, id, 'approve')).rejects.toEqual(code('forbidden'));
  await expect(approvals.ask(gains, 'test', { word: 'x', for: gains.id })).rejects.toEqual(
    code('forbidden'),
  );
  await expect(approvals.decide({ ...second, tenant: 2 }, id, 'approve')).rejects.toEqual(
    code('not-found'),
  );
  for (const odd of ['x', '018f0000-0000-7000-8000-00000000dead'])
    await expect(approvals.decide(second, odd, 'approve')).rejects.toEqual(code('not-found'));
  await expect(approvals.withdraw(second, id)).rejects.toEqual(code('forbidden'));
  expect((await approvals.withdraw(asker, id)).state).toBe('withdrawn');
  await expect(approvals.decide(second, id, 'approve')).rejects.toEqual(code('conflict'));
  expect(await words()).not.toContain('mine');
});

it('is void after a day, after a refusal, and when its asker lost her office', async () => {
  const { approvals, accounts } = at.access;
  const late = await approvals.ask(asker, 'test', { word: 'late' });
  at.clock.advance(24 * 3_600_000);
  await expect(approvals.decide(second, late.id, 'approve')).rejects.toEqual(code('conflict'));
  const no = await approvals.ask(asker, 'test', { word: 'no' });
  expect((await approvals.decide(second, no.id, 'refuse')).approval.state).toBe('refused');
  await expect(approvals.decide(third, no.id, 'approve')).rejects.toEqual(code('conflict'));
  const gone = await approvals.ask(third, 'test', { word: 'gone' });
  await accounts.change(1, third.id, { role: 'auditor' });
  await expect(approvals.decide(second, gone.id, 'approve')).rejects.toEqual(code('conflict'));
  await accounts.change(1, third.id, { role: 'administrator', status: 'disabled' });
  await expect(approvals.decide(second, gone.id, 'approve')).rejects.toEqual(code('conflict'));
  await accounts.change(1, third.id, { status: 'active' });
  expect(done).toEqual([]);
});

it('what fails halfway leaves nothing, and may be decided again', async () => {
  const { approvals } = at.access;
  const { id } = await approvals.ask(asker, 'test', { word: 'half' });
  fails = true;
  await expect(approvals.decide(second, id, 'approve')).rejects.toThrow('halfway');
  expect([await words(), done]).toEqual([['once'], []]);
  fails = false;
  await approvals.decide(second, id, 'approve');
  expect(done).toEqual(['half']);
});

it('the operator decides where there is no second administrator', async () => {
  const { approvals } = at.access;
  const { id } = await approvals.ask(asker, 'test', { word: 'operator' });
  await approvals.decide(systemCaller(1, at.clock, 'approvals'), id, 'approve');
  expect(done).toEqual(['operator']);
});

it('a hand in the table neither changes who asked nor opens what was refused', async () => {
  const { approvals } = at.access;
  const { id } = await approvals.ask(asker, 'test', { word: 'edited' });
  const { ownerDb } = at.database;
  await ownerDb.query('update access.approval set asker = $2 where id = $1', [id, third.id]);
  await expect(approvals.decide(asker, id, 'approve')).rejects.toThrow(SealBroken);
  await ownerDb.query('update access.approval set asker = $2 where id = $1', [id, asker.id]);
  await approvals.decide(second, id, 'refuse');
  await ownerDb.query(
    `update access.approval set state = 'open', decided = null, decider = null where id = $1`,
    [id],
  );
  await expect(approvals.decide(second, id, 'approve')).rejects.toThrow(SealBroken);
  await ownerDb.query('delete from access.approval where id = $1', [id]);
  // The last gate is the table's own.
  const other = await approvals.ask(asker, 'test', { word: 'gate' });
  await expect(
    ownerDb.query(
      `update access.approval set state = 'approved', decided = 1, decider = asker where id = $1`,
      [other.id],
    ),
  ).rejects.toThrow('approval');
  expect(done).toEqual([]);
});
