/** Connections that stay open without asking again: cut when their clinic is no longer served. */
import type { Tenants } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';

/** Register before routes. Returns the way to stop listening. */
export function cutSuspended(http: FastifyInstance, tenants: Tenants): () => void {
  const open = new Map<Socket, number>();
  http.addHook('onRequest', (request, _reply, done) => {
    const { socket } = request.raw;
    if (request.tenant !== undefined && request.headers.upgrade && !open.has(socket)) {
      open.set(socket, request.tenant);
      socket.once('close', () => open.delete(socket));
    }
    done();
  });
  return tenants.onChange(() => {
    const served = new Set(
      tenants.list().flatMap(({ id, status }) => (status === 'active' ? [id] : [])),
    );
    for (const [socket, tenant] of open) if (!served.has(tenant)) socket.destroy();
  });
}
