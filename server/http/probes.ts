/** /healthz: the process lives. /readyz: it can serve. For load balancers; no caller, no data. */
import { isDraining, type Db } from '@afar/platform';
import type { FastifyInstance } from 'fastify';

/** Adds the two routes. */
export function addProbes(http: FastifyInstance, db: Db): void {
  http.get('/healthz', () => ({ status: 'ok' }));
  http.get('/readyz', async (_request, reply) => {
    if (isDraining(http)) return reply.code(503).send({ status: 'draining' });
    try {
      await db.query({ name: 'server.ready', text: 'select 1' });
      return { status: 'ready' };
    } catch {
      return reply.code(503).send({ status: 'database unavailable' });
    }
  });
}
