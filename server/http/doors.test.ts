/** Rate limits at the doors of the real server: by source and by person, whatever a header says. */
import { createHttp } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { callerFor } from '@afar/access';
import { createDoors, type Rates } from './doors.ts';
import { renderError } from './render-error.ts';

let http: ReturnType<typeof createHttp>;
afterEach(() => http.close());

function open(rates: Partial<Rates>, trustProxy: string[] = []) {
  const log = testLog();
  const doors = createDoors({ source: 0, user: 0, client: 0, ...rates }, log);
  http = createHttp({ log, renderError, admit: doors.bySource, trustProxy });
  const users = new Map<string, ReturnType<typeof callerFor>>();
  http.addHook('onRequest', (req, _reply, done) => {
    const who = req.headers['x-who'];
    if (typeof who === 'string') {
      const kind = who.startsWith('client') ? ('client' as const) : ('user' as const);
      users.set(who, users.get(who) ?? callerFor('patient', { kind }));
      req.caller = users.get(who);
    }
    done();
  });
  doors.hook(http);
  http.get('/healthz', () => 'ok');
  http.get('/x', () => 'ok');
  const ask = async (
    times: number,
    { ip = '203.0.113.5', url = '/x', ...headers }: Record<string, string> = {},
  ) => {
    const all: number[] = [];
    for (let n = 0; n < times; n++)
      all.push((await http.inject({ url, remoteAddress: ip, headers })).statusCode);
    return all.filter((status) => status === 200).length;
  };
  return { ask, log };
}

describe('a source', () => {
  it('is let in so often, then told when to come again, as an OperationOutcome', async () => {
    const { ask, log } = open({ source: 5 });
    expect(await ask(9)).toBe(5);
    const said = await http.inject({ url: '/x', remoteAddress: '203.0.113.5' });
    expect(said.statusCode).toBe(429);
    expect(Number(said.headers['retry-after'])).toBeGreaterThan(0);
    expect(said.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'throttled' }],
    });
    expect(await ask(1, { ip: '203.0.113.6' })).toBe(1);
    expect(log.text().match(/requests are throttled/g)).toHaveLength(1);
    expect(log.text()).not.toContain('203.0.113');
  });

  it('is not another one because it says so', async () => {
    const { ask } = open({ source: 5 });
    let through = 0;
    for (let n = 0; n < 9; n++)
      through += await ask(1, {
        'x-forwarded-for': `198.51.100.${n}`,
        forwarded: `for=10.0.0.${n}`,
      });
    expect(through).toBe(5);
  });

  it('behind a trusted proxy is the one before it, not what came with it', async () => {
    const { ask } = open({ source: 5 }, ['10.0.0.0/8']);
    let through = 0;
    for (let n = 0; n < 9; n++)
      through += await ask(1, {
        ip: '10.0.0.2',
        'x-forwarded-for': `198.51.100.${n}, 203.0.113.9`,
      });
    expect(through).toBe(5);
    expect(await ask(1, { ip: '10.0.0.2', 'x-forwarded-for': '203.0.113.10' })).toBe(1);
  });

  it('of IPv6 is a whole /64', async () => {
    const { ask } = open({ source: 5 });
    let through = 0;
    for (let n = 0; n < 9; n++) through += await ask(1, { ip: `2001:db8:7:8::${n + 1}` });
    expect(through).toBe(5);
  });

  it('may always ask whether the server lives', async () => {
    const { ask } = open({ source: 1 });
    expect(await ask(5, { url: '/healthz' })).toBe(5);
  });
});

describe('a person', () => {
  it('has a limit of her own, wherever she asks from; a client has another', async () => {
    const { ask } = open({ user: 3, client: 6 });
    expect(await ask(5, { 'x-who': 'one' })).toBe(3);
    expect(await ask(5, { 'x-who': 'one', ip: '198.51.100.7' })).toBe(0);
    expect(await ask(5, { 'x-who': 'two' })).toBe(3);
    expect(await ask(9, { 'x-who': 'client' })).toBe(6);
    expect(await ask(20)).toBe(20);
  });
});
