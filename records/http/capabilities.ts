/** What this server can do, made from what is registered [FHIR R4 http.html#capabilities]. */
import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceInteraction,
} from '@afar/fhir';
import { resourceTypes, searchParams } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import type { VirtualProvider } from '../types.ts';
import type { Operation } from '../operations/operation.ts';
import type { Operations } from '../operations/registry.ts';

type Interaction = NonNullable<CapabilityStatementRestResourceInteraction['code']>;

const stored: Interaction[] = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'create',
  'search-type',
];
const computed: Interaction[] = ['read', 'vread', 'history-instance', 'search-type'];
const written: Interaction[] = ['create', 'update', 'patch', 'delete'];

const made = new WeakMap<StoreContext, { registered: number; json: Buffer }>();

/** As bytes: it changes only when a computed type or an operation is registered. */
export function capabilities(ctx: StoreContext, operations: Operations): Buffer {
  const registered = ctx.virtuals.size + operations.all.length;
  const known = made.get(ctx);
  if (known?.registered === registered) return known.json;
  const json = Buffer.from(JSON.stringify(statementOf(ctx, operations)));
  made.set(ctx, { registered, json });
  return json;
}

const listed = ({ name, definition }: Operation) => ({ name, definition });

function statementOf(ctx: StoreContext, operations: Operations): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(ctx.clock.now()).toISOString(),
    kind: 'instance',
    software: { name: 'Afar', version: '0.1.0' },
    implementation: { description: 'Afar', url: `${ctx.baseUrl}/fhir/R4` },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json'],
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
              extension: [{ url: 'token', valueUri: `${ctx.baseUrl}/oauth/token` }],
            },
          ],
        },
        resource: resourceTypes.map((type) =>
          resourceOf(
            type,
            ctx.virtuals.get(type),
            operations.all.filter(
              ({ on, types }) => on.some((level) => level !== 'system') && types?.includes(type),
            ),
          ),
        ),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        operation: operations.all
          .filter(({ on, types }) => on.includes('system') || types === undefined)
          .map(listed),
      },
    ],
  };
}

function interactionsOf(virtual: VirtualProvider | undefined): Interaction[] {
  if (!virtual) return stored;
  return virtual.writes ? [...computed, ...written] : computed;
}

function resourceOf(
  type: string,
  virtual: VirtualProvider | undefined,
  operations: readonly Operation[],
): CapabilityStatementRestResource {
  return {
    type: type as CapabilityStatementRestResource['type'],
    ...(virtual?.extension && { extension: virtual.extension }),
    interaction: interactionsOf(virtual).map((code) => ({ code })),
    versioning: virtual ? 'no-version' : 'versioned-update',
    ...(virtual
      ? {}
      : {
          readHistory: true,
          updateCreate: true,
          conditionalCreate: true,
          conditionalRead: 'not-match' as const,
          conditionalUpdate: false,
          conditionalDelete: 'not-supported' as const,
        }),
    searchParam: [...searchParams(type).values()]
      .filter((param) => param.type !== 'special')
      .map((param) => ({
        name: param.code,
        type: param.type as 'token',
      })),
    ...(operations.length > 0 && { operation: operations.map(listed) }),
  };
}
