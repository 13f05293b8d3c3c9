/** Where a request comes from: cookies are worth nothing on another site's behalf. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { baseUrl, password, stage, type Browser, type Person, type Stage } from '../testing.ts';

let at: Stage;
let patient: Browser;
let person: Person;

beforeAll(async () => {
  at = await stage();
  person = await at.person('patient');
});
afterAll(() => at.close());

beforeEach(async () => {
  at.clock.advance(60_000);
  patient = await at.signIn(person);
});

describe('where a request comes from', () => {
  const probe = (browser: Browser, headers: Record<string, string>) =>
    browser.send({ method: 'POST', url: '/api/probe', headers });

  it.each<[string, Record<string, string>, number]>([
    ['our own page', { origin: baseUrl, 'sec-fetch-site': 'same-origin' }, 200],
    ['our own address by another name', { origin: 'http://localhost:8160' }, 200],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['another site that hides its name', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
    ['another port of this host', { origin: 'http://localhost:9999' }, 403],
    ['a sister site', { 'sec-fetch-site': 'same-site' }, 403],
    ['a cross-site form of an old browser', { origin: 'http://evil.example' }, 403],
    ['a look-alike', { origin: 'http://localhost:8160.evil.example' }, 403],
  ])('%s', async (_what, headers, status) => {
    const bare = await at.signIn(person);
    const plain = at.browser({ fetched: false });
    for (const [name, value] of bare.cookies) plain.cookies.set(name, value);
    expect((await probe(plain, headers)).statusCode).toBe(status);
  });

  it('a cookie without any word on where it comes from is refused', async () => {
    const plain = at.browser({ fetched: false });
    for (const [name, value] of patient.cookies) plain.cookies.set(name, value);
    expect((await probe(plain, {})).statusCode).toBe(403);
    expect((await plain.get('/api/probe')).statusCode).toBe(200);
  });

  it('a websocket handshake from elsewhere is refused', async () => {
    const plain = at.browser({ fetched: false });
    for (const [name, value] of patient.cookies) plain.cookies.set(name, value);
    const headers = { upgrade: 'websocket', connection: 'upgrade', origin: 'https://evil.example' };
    const answer = await plain.send({ url: '/api/probe', headers });
    expect(answer.statusCode).toBe(403);
  });

  it('signing someone in from another site is refused', async () => {
    const answer = await at.browser({ fetched: false }).send({
      method: 'POST',
      url: '/auth/sign-in',
      headers: { origin: 'https://evil.example' },
      payload: { email: person.email, password },
    });
    expect(answer.statusCode).toBe(403);
  });
});
