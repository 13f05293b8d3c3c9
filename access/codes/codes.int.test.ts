/** Codes: six digits that only their asker can try, the same answers for every address, and none of it in the clear. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stage, type Stage } from '../testing.ts';
import type { CodeRequest, CodeSent } from './codes.ts';

let it_: Stage;
let n = 0;
beforeAll(async () => {
  it_ = await stage();
});
afterAll(() => it_.close());

const newAddress = () => `nuria.${++n}@mail.example`;
const asks = (over: Partial<CodeRequest> = {}): CodeRequest => ({
  purpose: 'register',
  channel: 'mail',
  address: newAddress(),
  ip: `203.0.113.${n}`,
  locale: 'en',
  ...over,
});
const tries = ({ purpose, channel, address, ip }: CodeRequest, { ticket }: CodeSent) => ({
  purpose,
  channel,
  address,
  ip,
  ticket,
});
async function sent(to: string) {
  await it_.access.post.settle();
  return (await it_.outbox.read()).filter((one) => one.to === to);
}
async function codeTo(to: string): Promise<string> {
  const last = (await sent(to)).at(-1)!;
  return /\b\d{6}\b/.exec('text' in last ? last.text : '')![0];
}

it('lets the code in once, for its purpose, its address and its asker alone', async () => {
  const { codes } = it_.access;
  const request = asks();
  const mine = await codes.send(1, request);
  const code = await codeTo(request.address);
  const with_ = { ...tries(request, mine), code };
  const theirs = await codes.send(1, { ...request, ip: '198.51.100.9' });
  expect(await codes.check(1, { ...with_, ticket: theirs.ticket })).toBe(false);
  expect(await codes.check(1, { ...with_, purpose: 'recovery' })).toBe(false);
  expect(await codes.check(1, { ...with_, address: 'other@mail.example' })).toBe(false);
  expect(await codes.check(1, { ...with_, code: `${code.slice(0, 3)} ${code.slice(3)}` })).toBe(
    true,
  );
  expect(await codes.check(1, with_)).toBe(false);
});

it('locks after five wrong tries, parallel ones too, and nobody else is locked by it', async () => {
  const { codes } = it_.access;
  const request = asks();
  const mine = await codes.send(1, request);
  const first = await codeTo(request.address);
  it_.clock.advance(1);
  const other = await codes.send(1, { ...request, ip: '198.51.100.10' });
  const second = await codeTo(request.address);
  const wrong = first === '000000' ? '000001' : '000000';
  await Promise.all(
    Array.from({ length: 6 }, () => codes.check(1, { ...tries(request, mine), code: wrong })),
  );
  expect(await codes.check(1, { ...tries(request, mine), code: first })).toBe(false);
  expect(await codes.check(1, { ...tries(request, other), code: second })).toBe(true);
});

it('ends after ten minutes', async () => {
  const { codes } = it_.access;
  const request = asks();
  const mine = await codes.send(1, request);
  const code = await codeTo(request.address);
  it_.clock.advance(10 * 60_000);
  expect(await codes.check(1, { ...tries(request, mine), code })).toBe(false);
});

it('does the same for an address that is to get no code, which no code opens', async () => {
  const { codes } = it_.access;
  const request = asks();
  const decoy = asks({ instead: 'has-account' });
  const silent = asks({ instead: 'nothing' });
  const answers = [];
  for (const one of [request, decoy, silent]) answers.push(await codes.send(1, one));
  const shape = ({ ticket, ...rest }: CodeSent) => ({ ...rest, ticket: ticket.length });
  expect(shape(answers[1]!)).toEqual(shape(answers[0]!));
  expect(shape(answers[2]!)).toEqual(shape(answers[0]!));
  const [told] = await sent(decoy.address);
  expect(told).toMatchObject({ subject: 'You have an account at Afar' });
  expect(JSON.stringify(told)).not.toMatch(/\b\d{6}\b/);
  expect(await sent(silent.address)).toEqual([]);
  expect(await it_.access.post.waiting(1)).toBe(0);
});

it('speaks the language of who asks', async () => {
  const request = asks({ locale: 'es-ES' });
  await it_.access.codes.send(1, request);
  expect(await sent(request.address)).toMatchObject([{ subject: 'Su código para Afar' }]);
});

/** How many of them were answered; all others must have met a limit. */
async function answered(requests: CodeRequest[]): Promise<number> {
  const refused: unknown[] = [];
  for (const one of requests)
    await it_.access.codes.send(1, one).catch((error: unknown) => refused.push(error));
  expect(refused.map((error) => (error as { code: string }).code)).toEqual(
    refused.map(() => 'throttled'),
  );
  return requests.length - refused.length;
}

it('waits before another, and gives one address and one source so many an hour', async () => {
  const { codes } = it_.access;
  const request = asks();
  const { resendAt } = await codes.send(1, request);
  await expect(codes.send(1, request)).rejects.toMatchObject({ code: 'throttled' });
  it_.clock.advance(resendAt - it_.clock.now());
  await codes.send(1, request);
  // Others ask for the same address, from all over a network.
  const elsewhere = Array.from({ length: 19 }, (_, from) => ({
    ...request,
    ip: `198.51.100.${from}`,
  }));
  expect(await answered(elsewhere)).toBe(12);
  // Who has the address sits in another one, or was invited, or has been here before.
  await codes.send(1, { ...request, ip: '192.0.2.77' });
  const known = { ...request, purpose: 'recovery', knownBy: 'her browser' } as const;
  const strangers = Array.from({ length: 14 }, (_, net) => ({
    ...request,
    purpose: 'recovery' as const,
    ip: `10.${net}.0.1`,
  }));
  expect(await answered(strangers)).toBe(12);
  await codes.send(1, known);
  // One subscriber has all addresses of a /64.
  const sixes = Array.from({ length: 3 }, (_, host) => asks({ ip: `2001:db8::${host + 1}` }));
  expect(await answered(sixes.map((one) => ({ ...one, address: sixes[0]!.address })))).toBe(1);
  // One source, every address it can think of.
  const all = Array.from({ length: 64 }, () => asks({ ip: '192.0.2.200', instead: 'nothing' }));
  expect(await answered(all)).toBe(60);
});

it('keeps no address and no code in the clear: tables, jobs, log', async () => {
  const request = asks({ address: 'Clara.Visible@mail.example' });
  await it_.access.codes.send(1, request);
  const job = await it_.database.ownerDb.query(
    `select payload from graphile_worker._private_jobs order by id desc limit 1`,
  );
  expect(job.rows).toHaveLength(1);
  const code = await codeTo('clara.visible@mail.example');
  const kept: string[] = [JSON.stringify(job.rows), it_.log.text()];
  for (const table of ['code', 'allowance', 'message']) {
    const { rows } = await it_.database.ownerDb.query<{ row: string }>(
      `select t::text as row from access.${table} t`,
    );
    kept.push(...rows.map((one) => one.row));
  }
  const text = kept.join('\n').toLowerCase();
  for (const word of ['clara', 'visible@', Buffer.from('clara').toString('hex'), ` ${code}`])
    expect(text).not.toContain(word);
  expect(Object.keys((job.rows[0] as { payload: object }).payload).sort()).toEqual([
    'id',
    'tenant',
  ]);
});
