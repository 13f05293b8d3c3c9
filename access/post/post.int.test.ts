/** Messages on their way out: tried again, given up, kept for the office to see; and never a word of them in a job. */
import { DeliveryFailed, type Delivery, type Mail } from '@afar/platform';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NoticeList } from '../contract.ts';
import { stage, type Stage } from '../testing.ts';

let it_: Stage;
const taken: Mail[] = [];
let answer: DeliveryFailed | undefined;
/** A gateway whose answers the test decides. */
const gateway: Delivery = {
  channels: ['mail'],
  mail: (message) => (answer ? Promise.reject(answer) : Promise.resolve(void taken.push(message))),
  sms: () => Promise.reject(new DeliveryFailed('no-gateway', true)),
  push: () => Promise.reject(new DeliveryFailed('no-gateway', true)),
  close: () => undefined,
};
beforeAll(async () => {
  it_ = await stage({ delivery: gateway });
});
afterAll(() => it_.close());

const message = {
  channel: 'mail',
  to: 'x@mail.example',
  about: 'test',
  subject: 'S',
  text: 'T',
} as const;

it('hands over once, and keeps nothing of it', async () => {
  const { post } = it_.access;
  await post.send(1, message);
  expect(await post.waiting(1)).toBe(1);
  expect(await Promise.all([post.settle(), post.settle()])).toContain(1);
  expect(taken.splice(0)).toEqual([{ to: 'x@mail.example', subject: 'S', text: 'T' }]);
  expect(await post.waiting(1)).toBe(0);
});

it('is part of the transaction that sends it', async () => {
  const { post } = it_.access;
  await expect(
    it_.database.db.tx(async (tx) => {
      await post.send(1, message, tx);
      throw new Error('undone');
    }),
  ).rejects.toThrow('undone');
  expect(await post.waiting(1)).toBe(0);
});

it('tries again what may pass, eight times, and shows what was given up', async () => {
  const { post } = it_.access;
  answer = new DeliveryFailed('smtp-452', false);
  await post.send(1, message);
  for (let n = 0; n < 7; n++) await post.settle();
  expect(await post.waiting(1)).toBe(1);
  await post.settle();
  expect(await post.waiting(1)).toBe(0);
  expect(await post.failed(1, 10)).toMatchObject([{ about: 'test', tries: 8, fault: 'smtp-452' }]);
});

it('gives up at once what cannot help, and what came too late', async () => {
  const { post } = it_.access;
  answer = new DeliveryFailed('smtp-550', true);
  await post.send(1, message);
  await post.settle();
  answer = undefined;
  await post.send(1, { ...message, goodForMs: 1_000 });
  it_.clock.advance(1_000);
  await post.settle();
  const faults = (await post.failed(1, 10)).map((one) => one.fault).sort();
  expect(faults).toEqual(['smtp-452', 'smtp-550', 'too-late']);
  expect(taken).toEqual([]);
});

it('says so where there is no gateway', async () => {
  expect(it_.access.post.reaches('sms')).toBe(false);
  await expect(it_.access.post.send(1, { ...message, channel: 'sms' })).rejects.toMatchObject({
    code: 'not-implemented',
  });
});

it('whoever can make others ring (a message, a booking) cannot use up the mail about her safety with it', async () => {
  const who = await it_.person('patient');
  const tell = (kind: 'task-given' | 'password-changed') =>
    it_.access.notices.tell({ tenant: 1, to: { account: who.id }, kind });
  for (let n = 0; n < 6; n++) await tell('task-given');
  await it_.access.post.settle();
  expect(taken.splice(0)).toHaveLength(4);
  await tell('password-changed');
  await it_.access.post.settle();
  expect(taken.splice(0)).toHaveLength(1);
});

it('mails that a notice waits and not what, unless she wants none of the kind; of her safety always', async () => {
  const who = await it_.person('patient');
  const browser = await it_.signIn(who);
  const tell = (kind: 'break-glass' | 'password-changed') =>
    it_.access.notices.tell({
      tenant: 1,
      to: { account: who.id },
      kind,
      about: { by: 'Dr Visible' },
    });
  const mails = async () => {
    await it_.access.post.settle();
    return taken.splice(0);
  };
  await tell('break-glass');
  const [first] = await mails();
  expect(first).toMatchObject({ to: who.email, subject: 'Something waits for you in Afar' });
  expect(JSON.stringify(first)).not.toMatch(/Visible|break|emergency/i);
  const choose = (muted: string[]) =>
    browser.send({ method: 'PUT', url: '/api/notices/choices', payload: { muted } });
  expect((await choose(['break-glass'])).statusCode).toBe(204);
  expect((await choose(['password-changed'])).statusCode).toBe(400);
  await tell('break-glass');
  expect(await mails()).toEqual([]);
  await tell('password-changed');
  expect(await mails()).toHaveLength(1);
  // Four an hour say the same as forty.
  for (let n = 0; n < 6; n++) await tell('password-changed');
  expect(await mails()).toHaveLength(3);

  const list = (await browser.get('/api/notices')).json<NoticeList>();
  expect(list.unread).toBe(9);
  expect(list.muted).toEqual(['break-glass']);
  const other = await it_.signIn(await it_.person('patient'));
  const ids = list.notices.slice(0, 4).map((one) => one.id);
  expect((await other.post('/api/notices/read', { ids })).statusCode).toBe(204);
  expect((await browser.get('/api/notices')).json<NoticeList>().unread).toBe(9);
  await browser.post('/api/notices/read', { ids });
  expect((await browser.get('/api/notices')).json<NoticeList>().unread).toBe(5);
  expect((await it_.browser().get('/api/notices')).statusCode).toBe(401);
});
