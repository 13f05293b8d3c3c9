/** How an endpoint is written: its trail, its checks by name, its deed. */
import { requireCaller } from '@afar/access';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { seeVisit, type Ask, type Check, type VisitAsk } from './checks.ts';
import type { House } from './house.ts';
import { isUuid } from './scheduling/rule.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What the trail says of a request: `R` looks, `C`, `U`, `E` change or do. */
export interface Trail {
  action: string;
  verb: 'C' | 'R' | 'U' | 'E';
}

interface VisitParams {
  id?: string;
}

/** 256 KiB: four sections of 20,000 characters, each four bytes at most. */
const mostBytes = 256 * 1024;

export interface Endpoints {
  /** For anybody who is signed in; checks narrow it. */
  signedIn(
    method: Method,
    path: string,
    trail: Trail,
    checks: Check<Ask>[],
    act: (ask: Ask) => Promise<unknown>,
  ): void;
  /** For a visit in the address: read through the record store first, then checked. */
  onVisit(
    method: Method,
    path: string,
    trail: Trail,
    checks: Check<VisitAsk>[],
    act: (ask: VisitAsk) => Promise<unknown>,
  ): void;
  /** Without signing in, when the clinic shows its free times to everyone. */
  open(
    method: Method,
    path: string,
    trail: Trail,
    act: (req: FastifyRequest) => Promise<unknown>,
  ): void;
}

function mark(req: FastifyRequest, { action, verb }: Trail): void {
  req.evidence.action = action;
  req.evidence.verb = verb;
}

/** @param bodyLimit bytes of a request's body */
export function endpoints(app: FastifyInstance, house: House, bodyLimit = mostBytes): Endpoints {
  const route = (
    method: Method,
    url: string,
    handler: (req: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ): void => {
    app.route({ method, url, bodyLimit, handler });
  };
  return {
    signedIn(method, path, trail, checks, act) {
      route(method, path, async (req, reply) => {
        mark(req, trail);
        const ask: Ask = { house, req, reply, caller: requireCaller(req) };
        for (const check of checks) check(ask);
        return act(ask);
      });
    },
    onVisit(method, path, trail, checks, act) {
      route(method, path, async (req, reply) => {
        mark(req, trail);
        const caller = requireCaller(req);
        const { id } = req.params as VisitParams;
        // Set before the visit is read: the trail names what a stranger asked for, too.
        req.evidence.type = 'Appointment';
        if (isUuid(id)) req.evidence.rid = id;
        const seen = await seeVisit(house, caller, id);
        req.evidence.patients.push(seen.row.patient);
        const ask: VisitAsk = { house, req, reply, caller, ...seen };
        for (const check of checks) check(ask);
        return act(ask);
      });
    },
    open(method, path, trail, act) {
      route(method, path, async (req) => {
        mark(req, trail);
        if (!house.config.browseWithoutSignIn) requireCaller(req);
        return act(req);
      });
    },
  };
}
