/** What access adds to a request. */
import type { Caller } from './caller.ts';
import type { Evidence } from './audit/entry.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent when nobody is signed in. */
    caller?: Caller | undefined;
    evidence: Evidence;
  }
}

export type { FastifyRequest } from 'fastify';
