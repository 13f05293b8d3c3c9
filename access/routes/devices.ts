/** /auth/sessions and /auth/devices: where she is signed in, and the way to end it there. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { DeviceList, SessionList } from '../contract.ts';
import { isUuid } from '../ids.ts';
import type { Cookies } from '../sessions/cookies.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { body, text } from './bodies.ts';
import type { FindOwn } from './own-session.ts';

export interface DeviceRoutesDeps {
  sessions: Sessions;
  devices: Devices;
  cookies: Cookies;
  own: FindOwn;
}

interface ById {
  Params: { id: string };
}

export function deviceRoutes(http: FastifyInstance, deps: DeviceRoutesDeps): void {
  const { sessions, devices, cookies, own } = deps;

  http.get<{ Reply: SessionList }>('/auth/sessions', async (req) => {
    req.evidence.action = 'sessions';
    const { session, cookie } = await own(req);
    return { sessions: await sessions.list(session.account, cookie) };
  });

  http.delete<ById>('/auth/sessions/:id', async (req, reply) => {
    req.evidence.action = 'end-session';
    const { session } = await own(req);
    const { tenant, id } = session.account;
    if (!isUuid(req.params.id) || !(await sessions.revoke(tenant, id, req.params.id)))
      throw new Refusal('not-found');
    return reply.code(204).send();
  });

  http.get<{ Reply: DeviceList }>('/auth/devices', async (req, reply) => {
    req.evidence.action = 'devices';
    const { session } = await own(req);
    const { tenant, id } = session.account;
    void reply.header('cache-control', 'no-store');
    return { devices: await devices.list(tenant, id, cookies.device(req)) };
  });

  http.patch<ById & { Body: { name: string } }>(
    '/auth/devices/:id',
    body({ name: text(60) }),
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'rename-device', verb: 'U' });
      const { session } = await own(req);
      const { tenant, id } = session.account;
      const name = req.body.name.trim();
      if (!isUuid(req.params.id) || !(await devices.rename(tenant, id, req.params.id, name)))
        throw new Refusal('not-found');
      return reply.code(204).send();
    },
  );

  http.delete<ById>('/auth/devices/:id', async (req, reply) => {
    req.evidence.action = 'remove-device';
    const { session } = await own(req);
    const { tenant, id } = session.account;
    const hash = isUuid(req.params.id)
      ? await devices.forget(tenant, id, req.params.id)
      : undefined;
    if (!hash) throw new Refusal('not-found');
    await sessions.revokeBrowser(tenant, id, hash);
    return reply.code(204).send();
  });

  http.delete('/auth/devices', async (req, reply) => {
    req.evidence.action = 'remove-other-devices';
    const { session, cookie } = await own(req);
    const { tenant, id } = session.account;
    await devices.forgetAll(tenant, id, cookies.device(req));
    await sessions.revokeAll(tenant, id, cookie);
    return reply.code(204).send();
  });
}
