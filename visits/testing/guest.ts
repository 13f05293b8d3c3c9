/** A guest's browser in tests: opens a link, keeps the cookie, asks and listens. */
import type { GuestVisit, Invited, JoinTicket } from '../contract.ts';
import type { GuestKind } from '../messages.ts';
import { openSocket, type BrowserSocket } from './browser-socket.ts';
import { baseUrl, type Answer, type Clinic, type Instance, type Person } from './clinic.ts';

export interface TestGuest {
  id: string;
  secret: string;
  cookie: string;
  send<T = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    body?: object | Buffer,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  socket(on?: Instance): Promise<BrowserSocket>;
  /** With a ticket of her own. */
  join(on?: Instance): Promise<BrowserSocket>;
}

/** Whatever a browser asks without an account. `cookie`: of a guest, or none. */
export async function ask<T = Record<string, unknown>>(
  on: Instance,
  cookie: string,
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  body?: object | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer<T> & { cookies: string }> {
  const answer = await on.http.inject({
    method,
    url,
    headers: { host: 'localhost:8170', origin: baseUrl, cookie, ...headers },
    ...(body && { payload: body }),
  });
  const text = answer.body;
  const json = String(answer.headers['content-type'] ?? '').includes('json');
  return {
    status: answer.statusCode,
    body: (json ? JSON.parse(text) : text) as T,
    cookies: answer.cookies.map((one) => `${one.name}=${one.value}`).join('; '),
  };
}

export async function invite(
  by: Person,
  visit: string,
  kind: GuestKind,
  name = `Ida ${kind}`,
): Promise<{ id: string; secret: string }> {
  const { status, body } = await by.post<Invited>(`/api/visits/${visit}/guests`, { kind, name });
  if (status !== 201) throw new Error(`invite: ${status} ${JSON.stringify(body)}`);
  return { id: body.guest.id, secret: body.link.split('#')[1]! };
}

/** Opens the link: she stands at the door now. */
export async function arriveAsGuest(
  clinic: Clinic,
  { id, secret }: { id: string; secret: string },
): Promise<TestGuest> {
  const opened = await ask<GuestVisit>(clinic, '', 'POST', '/api/visit-guest/open', { secret });
  if (opened.status !== 200) throw new Error(`open: ${opened.status}`);
  const cookie = opened.cookies;
  const socket = (on: Instance = clinic): Promise<BrowserSocket> => openSocketOf(on, cookie);
  return {
    id,
    secret,
    cookie,
    send: (method, url, body, headers) => ask(clinic, cookie, method, url, body, headers),
    socket,
    async join(on) {
      const { status, body } = await ask<JoinTicket>(
        clinic,
        cookie,
        'POST',
        '/api/visit-guest/join',
        {},
      );
      if (status !== 200) throw new Error(`join: ${status}`);
      const at = await socket(on);
      at.say({ type: 'join', token: body.token });
      return at;
    },
  };
}

const openSocketOf = (on: Instance, cookie: string): Promise<BrowserSocket> =>
  openSocket(
    on,
    '',
    { cookie, origin: baseUrl, host: 'localhost:8170' },
    '/api/visit-guest/socket',
  );

/** Invited, at the door, admitted by the clinician, agreed to by the patient. */
export async function admittedGuest(
  clinic: Clinic,
  clinician: Person,
  patient: Person,
  visit: string,
  kind: GuestKind,
  name?: string,
): Promise<TestGuest> {
  const guest = await arriveAsGuest(clinic, await invite(clinician, visit, kind, name));
  const at = `/api/visits/${visit}/guests/${guest.id}`;
  const admitted = await clinician.post(`${at}/admit`);
  const agreed = await patient.post(`${at}/answer`, { agree: true });
  if (admitted.status !== 200 || agreed.status !== 200)
    throw new Error(`admit: ${admitted.status} ${agreed.status} ${JSON.stringify(agreed.body)}`);
  return guest;
}
