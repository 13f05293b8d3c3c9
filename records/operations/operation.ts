/** An operation on the FHIR interface: what a room registers, and what it is handed when somebody calls it. */
import type { Caller, Evidence } from '@afar/access';
import type { Resource } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import type { Inputs } from './inputs.ts';

export type OperationLevel = 'system' | 'type' | 'instance';

/** [FHIR R4 operations.html] Registered with `records.operation`; `/metadata` and the routes are made from what is registered. */
export interface Operation {
  /** Without the dollar sign: `expand`. */
  readonly name: string;
  /** Canonical address of its OperationDefinition. */
  readonly definition: string;
  readonly on: readonly OperationLevel[];
  /** At type and instance level; absent: any type. */
  readonly types?: readonly string[];
  /** True: by POST only [FHIR R4 operations.html#executing]. */
  readonly affectsState: boolean;
  /** Media types besides FHIR JSON whose body it takes itself, unparsed as inputs: `call.body` holds what the parser made of it. */
  readonly accepts?: readonly string[];
  /** Not inside a batch: it answers later, or with something else than a resource. */
  readonly alone?: boolean;
  /** Asks the policy itself: a registered operation grants nothing. */
  run(call: OperationCall): Promise<OperationAnswer>;
}

export interface OperationCall {
  readonly caller: Caller;
  readonly level: OperationLevel;
  readonly type?: string;
  readonly id?: string;
  /** What was asked, by query string or Parameters; a bare resource in the body is the input `resource`. */
  readonly inputs: Inputs;
  /** The body as it was parsed. */
  readonly body: unknown;
  /** `Prefer: handling=strict`. */
  readonly strict: boolean;
  /** For the trail: whose data the answer discloses goes to `evidence.patients`, parameter names to `evidence.params`. */
  readonly evidence: Evidence;
  /** `https://.../fhir/R4`. */
  readonly fhirUrl: string;
  /** For headers only. */
  readonly req: FastifyRequest;
}

export interface OperationAnswer {
  /** 200 unless told. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** FHIR JSON unless told; absent: no body. */
  readonly body?: Resource | Buffer | object;
  readonly contentType?: string;
}
