/** A caller rebuilt later has the rights of now, not of then. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseScopes } from './scopes.ts';
import { callerFor } from './caller.ts';
import { stoodFor } from './stand-in.ts';
import { may } from './may.ts';
import { stage as openStage, type Stage } from './testing.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it('an account acts in the role it has now, and not at all once it is disabled', async () => {
  const { accounts, standIn } = stage.access;
  const { id } = await stage.person('practitioner', { totp: true });
  const who = { tenant: 1, kind: 'user', id } as const;
  const caller = await standIn(who, 'subscription');
  expect(caller).toMatchObject({ id, role: 'practitioner', kind: 'user', wildcard: false });
  expect(caller!.principals).toContain(id);
  expect(caller!.scopes).toBeUndefined();
  await accounts.change(1, id, { role: 'auditor' });
  expect(may((await standIn(who, 'subscription'))!, 'read', 'Observation')).toBe(false);
  await accounts.disable(1, id);
  expect(await standIn(who, 'subscription')).toBeUndefined();
});

it('staff without a second factor have no stand-in', async () => {
  const { id } = await stage.person('nurse', { totp: false });
  expect(await stage.access.standIn({ tenant: 1, kind: 'user', id }, 'x')).toBeUndefined();
});

it('a client acts within the scopes of its token and of what it still has', async () => {
  const { clients, standIn } = stage.access;
  const { id } = await clients.create({
    tenant: 1,
    id: 'lab',
    secret: 'x'.repeat(40),
    scope: 'system/Observation.rs system/Patient.rs',
  });
  const scopes = parseScopes('system/Observation.rs system/Encounter.rs');
  const who = stoodFor(callerFor('system', { id, kind: 'client', scopes }));
  const caller = (await standIn(who, 'x'))!;
  expect(may(caller, 'read', 'Observation')).toBe(true);
  expect(may(caller, 'read', 'Encounter')).toBe(false);
  expect(may(caller, 'read', 'Patient')).toBe(false);
  await clients.setStatus(1, 'lab', 'disabled');
  expect(await standIn(who, 'x')).toBeUndefined();
});

it('nobody stands in for who is not there', async () => {
  const id = '018f0000-0000-7000-8000-000000000000';
  expect(await stage.access.standIn({ tenant: 1, kind: 'user', id }, 'x')).toBeUndefined();
  expect(await stage.access.standIn({ tenant: 1, kind: 'client', id }, 'x')).toBeUndefined();
});
