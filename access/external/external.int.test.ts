/** Signing in by another provider: a second clinic of ours, over real HTTP. It finds who is there, and lets nobody in who is not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AskedSecond, ChangedIdentityProvider, IdentityProvider } from '../contract.ts';
import type { Outward } from '../oauth/outward.ts';
import { testApp, type TestApp } from '../oauth/testing.ts';
import { stage, type Browser, type Person, type Stage } from '../testing.ts';

/** The house's own way out is guarded and tested in exchange; here it calls the one neighbour there is. */
const neighbour: Outward = {
  async request({ url, method = 'GET', headers = {}, body }) {
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    };
  },
};

const issuer = 'http://localhost:8131';
let here: Stage;
let there: Stage;
let office: Browser;
let app: TestApp;
let provider: IdentityProvider;
let second: IdentityProvider;

/** Asked by one administrator, decided by another. */
async function approved(answer: { statusCode: number; body: string }) {
  expect(answer.statusCode).toBe(202);
  const made = JSON.parse(answer.body) as ChangedIdentityProvider;
  await here.approve(made.asked!.approval.id);
  return made;
}

const change = async (payload: object) =>
  approved(
    await office.send({
      method: 'PATCH',
      url: `/api/office/identity-providers/${provider.id}`,
      payload,
    }),
  );

beforeAll(async () => {
  there = await stage({ baseUrl: issuer });
  await there.http.listen({ port: 8131, host: 'localhost' });
  here = await stage({ outbound: neighbour });
  office = await here.signIn(await here.person('administrator'));
  const made = await office.post('/api/office/identity-providers', {
    name: 'County hospital',
    issuer,
    clientId: 'later',
    clientSecret: 'later',
    roles: ['practitioner', 'nurse'],
    secondFactor: { acr: ['urn:afar:acr:two-factor'], amr: [] },
    linkByEmail: true,
  });
  provider = await approved(made);
  second = await approved(
    await office.post('/api/office/identity-providers', {
      name: 'Other',
      issuer: 'https://other.example',
      clientId: 'x',
      clientSecret: 'y',
      roles: ['nurse'],
      secondFactor: { acr: [], amr: [] },
      linkByEmail: true,
    }),
  );
  app = await testApp(there, 'openid email', {
    kind: 'confidential',
    auth: 'client_secret_basic',
    redirectUris: [provider.redirectUri],
  });
  const clientOfApp = { clientId: app.client.client_id, clientSecret: app.secret! };
  await change(clientOfApp);
});
afterAll(async () => {
  await here.close();
  await there.close();
});

let serial = 0;

/** Somebody with an account in both places, under one address. */
async function both(
  role: 'practitioner' | 'nurse' | 'administrator' | 'auditor',
  { verified = true, totp = true, email = `both${++serial}@clinic.example` } = {},
): Promise<{ mine: Person; theirs: Person }> {
  const mine = await here.person(role, { email });
  const theirs = await there.person(role, { email, totp });
  if (verified)
    await there.access.accounts.change(1, theirs.id, { personal: { verified: { email: 1 } } });
  return { mine, theirs };
}

const open = new Map<string, Browser>();

/** To the provider: where it sends her back to. */
async function abroad(who: Person, start: string, asked = 'openid email'): Promise<URL> {
  // A code works once, and this clinic's clock stands: her browser there stays open.
  const browser = open.get(who.id) ?? (await there.signIn(who));
  open.set(who.id, browser);
  const { pathname, search } = new URL(start);
  const question = await browser.get(pathname + search);
  const uid = question.headers.location!.split('/').at(-1)!;
  const params = await app.allow(browser, uid, { scopes: asked.split(' ') });
  return new URL(`${provider.redirectUri}?${params.toString()}`);
}

const start = async (on: Browser, query = ''): Promise<string> =>
  (await on.get(`/auth/external/${provider.id}/start${query}`)).headers.location!;

async function signIn(who: Person, query = ''): Promise<{ on: Browser; location: string }> {
  const on = here.browser({ fetched: false });
  const back = await abroad(who, await start(on, query));
  const answer = await on.get(back.pathname + back.search);
  return { on, location: answer.headers.location! };
}

const role = async (on: Browser): Promise<string | undefined> => {
  const answer = await on.get('/api/probe');
  return answer.statusCode === 200 ? answer.json<{ role: string }>().role : undefined;
};

describe('a sign-in by another provider [OpenID Connect Core 3.1]', () => {
  it('is offered by name, and asks with state, nonce and PKCE', async () => {
    const on = here.browser();
    const { providers } = (await on.get('/auth/external')).json<{ providers: object[] }>();
    expect(new Set(providers)).toEqual(
      new Set([provider, second].map(({ id, name }) => ({ id, name }))),
    );
    const params = new URL(await start(on)).searchParams;
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(params.get(name)).toMatch(/.{20}/);
    expect(params.get('code_challenge_method')).toBe('S256');
  });

  it('finds the account by a verified address once, then by its subject', async () => {
    const { mine, theirs } = await both('practitioner');
    const first = await signIn(theirs, '?next=/clinician');
    expect(first.location).toBe('/clinician');
    expect(await role(first.on)).toBe('practitioner');
    await here.access.accounts.change(1, mine.id, { personal: { email: 'moved@clinic.example' } });
    expect(await role((await signIn(theirs)).on)).toBe('practitioner');
  });

  it('asks for the second factor here when the provider did not', async () => {
    const { theirs } = await both('nurse', { totp: false });
    await change({ secondFactor: { acr: ['urn:other'], amr: [] } });
    const { mine, theirs: strong } = await both('practitioner');
    expect(mine.totp).toBeDefined();
    const { on, location } = await signIn(strong);
    expect(location).toMatch(/^\/sign-in\?factors=totp/);
    expect(await role(on)).toBeUndefined();
    // Whoever the provider says has her address is not yet she.
    const kinds = async () =>
      (await here.access.notices.list(1, mine.id, 9)).map((one) => one.kind);
    expect(await kinds()).not.toContain('second-factor-changed');
    await change({ secondFactor: { acr: ['urn:afar:acr:two-factor'], amr: [] } });
    expect(await role((await signIn(strong)).on)).toBe('practitioner');
    expect(await kinds()).toContain('second-factor-changed');
    // Without one she cannot even begin there: our own provider gives staff no code.
    await expect(signIn(theirs)).rejects.toThrow(/403/);
  });

  it.each([
    ['an address that is not verified', 'practitioner', { verified: false }],
    ['an administrator', 'administrator', {}],
    ['a role that the provider is not for', 'auditor', {}],
  ] as const)('lets nobody in by %s', async (_name, what, over) => {
    const { theirs } = await both(what, over);
    const { on, location } = await signIn(theirs);
    expect(location).toBe('/sign-in?external=no-account');
    expect(await role(on)).toBeUndefined();
  });

  it('makes no account, and opens none that is disabled', async () => {
    const stranger = await there.person('practitioner');
    await there.access.accounts.change(1, stranger.id, { personal: { verified: { email: 1 } } });
    expect((await signIn(stranger)).location).toBe('/sign-in?external=no-account');
    const { mine, theirs } = await both('nurse');
    expect(await role((await signIn(theirs)).on)).toBe('nurse');
    await here.access.accounts.disable(1, mine.id);
    expect((await signIn(theirs)).location).toBe('/sign-in?external=no-account');
  });

  it('connects another address by an invitation, once', async () => {
    const mine = await here.person('nurse');
    const theirs = await there.person('nurse');
    const asked = await office.post(`/api/office/identity-providers/${provider.id}/invitations`, {
      account: mine.id,
    });
    expect([asked.statusCode, asked.body]).toEqual([
      202,
      expect.not.stringContaining('invitation='),
    ]);
    const told = await here.approve(asked.json<AskedSecond>().approval.id);
    const query = new URL((told.result as { url: string }).url).search;
    expect(await role((await signIn(theirs, query)).on)).toBe('nurse');
    const again = await here.browser().get(`/auth/external/${provider.id}/start${query}`);
    expect(again.statusCode).toBe(404);
    expect(await role((await signIn(theirs)).on)).toBe('nurse');
  });
});

it('one administrator alone opens no place to sign in, nor turns one that is there', async () => {
  const begin = (id: string) => here.browser().get(`/auth/external/${id}/start`);
  const mine = { issuer: 'https://mine.example', linkByEmail: true };
  const made = await office.post('/api/office/identity-providers', {
    ...mine,
    name: 'Mine',
    clientId: 'x',
    clientSecret: 'y',
    roles: ['practitioner'],
    secondFactor: { acr: [], amr: ['pwd'] },
  });
  const { id, status } = made.json<IdentityProvider>();
  expect([made.statusCode, status, (await begin(id)).statusCode]).toEqual([202, 'disabled', 404]);
  const url = `/api/office/identity-providers/${provider.id}`;
  const turned = await office.send({ method: 'PATCH', url, payload: mine });
  expect([turned.statusCode, turned.json<IdentityProvider>().issuer]).toEqual([202, issuer]);
  expect((await begin(provider.id)).headers.location).toContain(issuer);
});

describe('an answer that is refused', () => {
  const refused = async (on: Browser, url: URL): Promise<string> => {
    const { headers } = await on.get(url.pathname + url.search);
    expect(await role(on)).toBeUndefined();
    return headers.location!;
  };

  it('comes to another browser, twice, or after too long', async () => {
    const { theirs } = await both('nurse');
    const on = here.browser({ fetched: false });
    const back = await abroad(theirs, await start(on));
    expect(await refused(here.browser({ fetched: false }), back)).toBe('/sign-in?external=unknown');
    await on.get(back.pathname + back.search);
    expect(await role(on)).toBe('nurse');
    const late = here.browser({ fetched: false });
    const url = await abroad(theirs, await start(late));
    here.clock.advance(10 * 60_000);
    expect(await refused(late, url)).toBe('/sign-in?external=unknown');
  });

  it.each([
    ['with another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['without a state', (url: URL) => url.searchParams.delete('state')],
    [
      'with the code of another journey',
      (url: URL) => url.searchParams.set('code', 'x'.repeat(43)),
    ],
    [
      'of another issuer: a mix-up [RFC 9207]',
      (url: URL) => url.searchParams.set('iss', 'https://evil.example'),
    ],
    ['of no issuer, where it always names itself', (url: URL) => url.searchParams.delete('iss')],
    ['that is an error', (url: URL) => url.searchParams.set('error', 'access_denied')],
  ])('comes %s', async (_name, spoil) => {
    const { theirs } = await both('nurse');
    const on = here.browser({ fetched: false });
    const back = await abroad(theirs, await start(on));
    spoil(back);
    expect(await refused(on, back)).toBe('/sign-in?external=refused');
  });

  it('comes by the address of another provider', async () => {
    const { theirs } = await both('nurse');
    const on = here.browser({ fetched: false });
    const back = await abroad(theirs, await start(on));
    back.pathname = `/auth/external/${second.id}/callback`;
    expect(await refused(on, back)).toBe('/sign-in?external=unknown');
  });
});

describe('the office', () => {
  it('sets no provider up for administrators, nor without a fresh proof', async () => {
    const body = {
      name: 'X',
      issuer: 'https://x.example',
      clientId: 'x',
      clientSecret: 'y',
      roles: ['administrator'],
      secondFactor: { acr: [], amr: [] },
      linkByEmail: false,
    };
    expect((await office.post('/api/office/identity-providers', body)).statusCode).toBe(400);
    const doctor = await here.signIn(await here.person('practitioner'));
    const right = { ...body, roles: ['nurse'] };
    expect((await doctor.post('/api/office/identity-providers', right)).statusCode).toBe(403);
    here.clock.advance(11 * 60_000);
    expect((await office.post('/api/office/identity-providers', right)).statusCode).toBe(403);
  });

  it('keeps no secret and no subject in the clear', async () => {
    expect(provider).not.toHaveProperty('clientSecret');
    const { rows } = await here.database.ownerDb.query<{ text: string }>(
      `select string_agg(p::text, ' ') || (select string_agg(l::text, ' ') from access.identity_link l) as text
       from access.identity_provider p`,
    );
    for (const word of [app.secret!, 'County', issuer])
      expect(rows[0]!.text).not.toContain(Buffer.from(word).toString('hex'));
    expect(here.log.text()).not.toContain(app.secret!);
  });
});
