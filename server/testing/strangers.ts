/** Everybody who has nothing to do with a patient: one account of each role, a proxy, a guest, a narrow client, and nobody. */
import { randomUUID } from 'node:crypto';
import { newTotpSecret, roles, staffRoles, totpCode, type Role } from '@afar/access';
import { within } from '@afar/platform';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { App } from '../compose.ts';

export type Asker = (options: InjectOptions) => Promise<LightMyRequestResponse>;

const password = 'nine stones under the blue lamp';

/** Asks as a browser of this installation, with these headers besides. */
export function askerOf(app: App, more: Record<string, string> = {}): Asker {
  const { host, origin } = new URL(app.baseUrl);
  return (options) =>
    app.http.inject({
      ...options,
      headers: { host, origin, 'sec-fetch-site': 'same-origin', ...more, ...options.headers },
    });
}

async function signedIn(app: App, email: string, totp: string | undefined): Promise<Asker> {
  const visitor = askerOf(app);
  const first = await visitor({
    method: 'POST',
    url: '/auth/sign-in',
    payload: { email, password },
  });
  const jar = new Map(first.cookies.map((one) => [one.name, one.value]));
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  if (totp) {
    const second = await askerOf(app, { cookie: cookie() })({
      method: 'POST',
      url: '/auth/second-factor',
      payload: { code: totpCode(totp, Date.now()) },
    });
    if (second.statusCode !== 200) throw new Error(`second factor: ${second.statusCode}`);
    for (const one of second.cookies) jar.set(one.name, one.value);
  } else if (first.statusCode !== 200) throw new Error(`sign-in: ${first.statusCode}`);
  return askerOf(app, { cookie: cookie() });
}

/** A new account of a role, signed in. It holds no grant. */
export async function stranger(
  app: App,
  role: Exclude<Role, 'guest' | 'system'>,
  type: 'Practitioner' | 'Patient' | 'RelatedPerson' = 'Practitioner',
): Promise<{ ask: Asker; id: string }> {
  const email = `${type}.${role}@strangers.example`.toLowerCase();
  const totp = staffRoles.includes(role) ? newTotpSecret() : undefined;
  const recordless = role === 'administrator' || role === 'auditor';
  const { id } = await within(1, () =>
    app.access.accounts.create({
      tenant: 1,
      role,
      email,
      name: `A strange ${role}`,
      password,
      ...(totp && { totpSecret: totp }),
      ...(!recordless && { fhirUser: { type, id: randomUUID() } }),
    }),
  );
  return { id, ask: await signedIn(app, email, totp) };
}

async function narrowClient(app: App): Promise<Asker> {
  const secret = randomUUID() + randomUUID();
  const scope = 'system/Observation.rs?category=http://nowhere.example|nothing';
  await within(1, () => app.access.clients.create({ tenant: 1, id: 'narrow', secret, scope }));
  const answer = await askerOf(app)({
    method: 'POST',
    url: '/oauth/token',
    headers: {
      authorization: `Basic ${Buffer.from(`narrow:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
  });
  if (answer.statusCode !== 200) throw new Error(`no token: ${answer.statusCode} ${answer.body}`);
  const { access_token: token } = answer.json<{ access_token: string }>();
  return askerOf(app, { authorization: `Bearer ${token}` });
}

async function guest(app: App): Promise<Asker> {
  const { cookie } = await within(1, () =>
    app.access.guests.begin(1, randomUUID(), Date.now() + 3_600_000),
  );
  let header = '';
  const reply = { header: (_name: string, value: string) => (header = value) };
  app.access.guests.cookie.set(reply as never, cookie, 3_600);
  return askerOf(app, { cookie: header.split(';')[0]! });
}

export async function strangers(app: App): Promise<Record<string, Asker>> {
  const found: Record<string, Asker> = { nobody: askerOf(app) };
  for (const role of roles)
    if (role !== 'guest' && role !== 'system')
      found[role] = (await stranger(app, role, role === 'patient' ? 'Patient' : undefined)).ask;
  found.proxy = (await stranger(app, 'patient', 'RelatedPerson')).ask;
  found.guest = await guest(app);
  found.client = await narrowClient(app);
  return found;
}
