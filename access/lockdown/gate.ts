/** What a lockdown lets through: decided by the route and its method, before anything is done. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isAudited, placeOf } from '../audit/evidence.ts';
import type { Caller } from '../caller.ts';
import type { Flag, Lock } from './flag.ts';

/** Whoever waits asks again after this long, s. */
const retrySeconds = '30';

export function lockedRefusal({ mode }: Pick<Lock, 'mode'>): Refusal {
  return new Refusal(mode === 'closed' ? 'closed' : 'read-only', {
    headers: { 'retry-after': retrySeconds },
  });
}

/** Signing in and out and proving oneself again, the switch itself, and the two who decide on lifting it. */
const always = /^\/(?:auth|api\/lockdown|api\/office\/approvals)(?:\/|$)/;

/** Asked by POST and yet only looked at: their bodies hold what must not stand in an address. */
const looksByPost =
  /(?:\/_search|\/\$(?:everything|validate|graphql|meta|lookup|expand|validate-code|translate|subsumes|closure))$|^\/api\/(?:slots|auditor\/(?:search|summary)|audit\/)|^\/oauth\/(?!register)/;

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

const isRead = (req: FastifyRequest, place: string): boolean =>
  reads.has(req.method) || (req.method === 'POST' && looksByPost.test(place));

/** @throws Refusal `read-only`, `closed` (503, Retry-After) */
function refuseLocked(lock: Lock, req: FastifyRequest): void {
  const place = placeOf(req);
  if (always.test(place)) return;
  if (lock.mode === 'closed' || !isRead(req, place)) throw lockedRefusal(lock);
}

/**
 * In a closed clinic an administrator does what lifts it; nobody else is anybody there.
 * @throws Refusal `closed`
 */
export function requireKeyholder(flag: Flag, caller: Caller | undefined): void {
  if (flag.idle || !caller || caller.role === 'administrator') return;
  const lock = flag.lockOf(caller.tenant);
  if (lock?.mode === 'closed') throw lockedRefusal(lock);
}

/** The hook, before anybody is authenticated; register it after the evidence's, so that refusals leave their event. */
export function hookLockdown(
  http: FastifyInstance,
  { flag, tenantOf }: { flag: Flag; tenantOf(host: string): number },
): void {
  http.addHook('onRequest', (req, _reply, done) => {
    if (flag.idle || !isAudited(req)) return done();
    flag
      .sure()
      .then(() => {
        const lock = flag.lockOf(tenantOf(req.host));
        if (lock) refuseLocked(lock, req);
      })
      .then(() => done(), done);
  });
}
