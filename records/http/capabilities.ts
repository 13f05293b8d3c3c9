/** What this server can do, made from what is registered [FHIR R4 http.html#capabilities]. */
import { callerFor, may } from '@afar/access';
import type { Caller, Verb } from '@afar/access';
import type {
  CapabilityStatement,
  CapabilityStatementRestInteraction,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceInteraction,
} from '@afar/fhir';
import { Refusal, resourceTypes, searchParams, wholeParams } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import type { VirtualProvider } from '../types.ts';
import type { Operation } from '../operations/operation.ts';
import type { Operations } from '../operations/registry.ts';

type Interaction = NonNullable<CapabilityStatementRestResourceInteraction['code']>;
type SystemInteraction = NonNullable<CapabilityStatementRestInteraction['code']>;

/** True when a route of this plugin serves it. */
export type Served = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string) => boolean;

/** Each interaction with the route that serves it [FHIR R4 http.html#summary], and what a role must be allowed to. */
const interactions: readonly [Interaction, Verb, ...Parameters<Served>][] = [
  ['read', 'read', 'GET', '/:type/:id'],
  ['vread', 'vread', 'GET', '/:type/:id/_history/:version'],
  ['update', 'update', 'PUT', '/:type/:id'],
  ['patch', 'patch', 'PATCH', '/:type/:id'],
  ['delete', 'delete', 'DELETE', '/:type/:id'],
  ['history-instance', 'history', 'GET', '/:type/:id/_history'],
  ['history-type', 'history', 'GET', '/:type/_history'],
  ['create', 'create', 'POST', '/:type'],
  ['search-type', 'search', 'GET', '/:type'],
];

const ofTheSystem: readonly [SystemInteraction, ...Parameters<Served>][] = [
  ['transaction', 'POST', '/'],
  ['batch', 'POST', '/'],
  ['search-system', 'GET', '/'],
  ['history-system', 'GET', '/_history'],
];

const ofBinary =
  'Also as the content itself: read with an Accept that names its type and no FHIR format; created and updated by a body of any type but XML, with X-Security-Context.';

/** What a room that keeps a type itself does not have, or only if it takes writes. */
const storedOnly: ReadonlySet<Interaction> = new Set(['history-type']);
const writes: ReadonlySet<Verb> = new Set(['create', 'update', 'patch', 'delete']);

const made = new WeakMap<StoreContext, { registered: number; base: string; json: Buffer }>();

/** [FHIR R4 http.html#capabilities] @throws Refusal `invalid`, `not-supported` */
export function requireMode(mode: string | undefined): void {
  if (mode === undefined || mode === 'full' || mode === 'normative') return;
  if (mode === 'terminology')
    throw new Refusal('not-supported', { diagnostics: 'mode: full or normative' });
  throw new Refusal('invalid', { diagnostics: 'mode: full, normative or terminology' });
}

/** As bytes: it changes only when a computed type or an operation is registered. */
export function capabilities(
  ctx: StoreContext,
  operations: Operations,
  served: Served,
  tenant = 1,
): Buffer {
  const registered = ctx.virtuals.size + operations.all.length;
  const base = ctx.baseUrlOf ? ctx.baseUrlOf(tenant) : ctx.baseUrl;
  const known = made.get(ctx);
  if (known?.registered === registered && known.base === base) return known.json;
  const json = Buffer.from(JSON.stringify(statementOf(ctx, operations, served, base)));
  made.set(ctx, { registered, base, json });
  return json;
}

/** [SMART App Launch 1.0, capability statement]: for clients that do not read `.well-known/smart-configuration`. */
const oauthUris = {
  authorize: 'authorize',
  token: 'token',
  introspect: 'introspection',
  revoke: 'revocation',
};

const listed = ({ name, definition }: Operation) => ({ name, definition });

function statementOf(
  ctx: StoreContext,
  operations: Operations,
  served: Served,
  base: string,
): CapabilityStatement {
  // The role that may most: what nobody may do with a type is not there.
  const house = callerFor('system', { at: ctx.clock.now() });
  const towards = revIncludesTo();
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(ctx.clock.now()).toISOString(),
    kind: 'instance',
    software: { name: 'Afar', version: '0.1.0' },
    implementation: { description: 'Afar', url: `${base}/fhir/R4` },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: {
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: Object.entries(oauthUris).map(([url, path]) => ({
                url,
                valueUri: `${base}/oauth/${path}`,
              })),
            },
          ],
        },
        resource: resourceTypes.map((type) =>
          resourceOf(
            { type, house, served, towards },
            ctx.virtuals.get(type),
            operations.all.filter(
              ({ on, types }) =>
                on.some((level) => level !== 'system') && (types?.includes(type) ?? true),
            ),
          ),
        ),
        interaction: ofTheSystem
          .filter(([, ...route]) => served(...route))
          .map(([code]) => ({ code })),
        operation: operations.all.filter(({ on }) => on.includes('system')).map(listed),
      },
    ],
  };
}

interface Typed {
  type: string;
  house: Caller;
  served: Served;
  /** By target type: what `_revinclude` finds it with. */
  towards: ReadonlyMap<string, string[]>;
}

function interactionsOf(
  { type, house, served }: Typed,
  virtual: VirtualProvider | undefined,
): Interaction[] {
  return interactions
    .filter(([, verb, ...route]) => may(house, verb, type) && served(...route))
    .filter(([code, verb]) =>
      virtual ? !storedOnly.has(code) && (!writes.has(verb) || virtual.writes) : true,
    )
    .map(([code]) => code);
}

const references = (type: string) =>
  [...searchParams(type).values()].filter((param) => param.type === 'reference');

const includesOf = (type: string): string[] =>
  references(type).map(({ code }) => `${type}:${code}`);

/** Of the many that may lead to anything the one that guides ask for; the others are served as well. */
function revIncludesTo(): Map<string, string[]> {
  const names = new Map(resourceTypes.map((type) => [String(type), ['Provenance:target']]));
  for (const from of resourceTypes)
    for (const { code, targets = [] } of references(from))
      for (const to of targets) names.get(to)?.push(`${from}:${code}`);
  return names;
}

function resourceOf(
  typed: Typed,
  virtual: VirtualProvider | undefined,
  operations: readonly Operation[],
): CapabilityStatementRestResource {
  const { type, served } = typed;
  const codes = interactionsOf(typed, virtual);
  const has = (code: Interaction) => codes.includes(code);
  // What changes resources of any type does not change what nobody may change.
  const asked = operations.filter(
    ({ types, affectsState }) => types !== undefined || !affectsState || has('update'),
  );
  return {
    type: type as CapabilityStatementRestResource['type'],
    ...(type === 'Binary' && { documentation: ofBinary }),
    ...(virtual?.extension && { extension: virtual.extension }),
    interaction: codes.map((code) => ({ code })),
    versioning: virtual ? 'no-version' : 'versioned-update',
    conditionalRead: 'full-support',
    ...(!virtual && {
      readHistory: has('vread'),
      updateCreate: has('update'),
      conditionalCreate: has('create'),
      conditionalUpdate: has('update') && served('PUT', '/:type'),
      conditionalDelete: has('delete') && served('DELETE', '/:type') ? 'multiple' : 'not-supported',
      referencePolicy: ['literal', 'logical', 'local'],
    }),
    searchParam: [...searchParams(type).values(), ...wholeParams.values()]
      .filter(({ code }) => virtual?.searchParams?.includes(code) ?? true)
      .map((param) => ({ name: param.code, type: param.type as 'token' })),
    // [FHIR R4 search.html#include] of a type that is computed, nothing is included.
    ...(!virtual && { searchInclude: ['*', ...includesOf(type)] }),
    ...(!virtual && { searchRevInclude: [...new Set(typed.towards.get(type))] }),
    ...(asked.length > 0 && { operation: asked.map(listed) }),
  };
}
