/** Puts the room together. */
import type { Caller } from '@afar/access';
import { within } from '@afar/platform';
import { bundleRequest } from './bundle/request.ts';
import { createAliases } from './aliases.ts';
import { createConformance } from './conformance/conformance.ts';
import type { RecordsContext, StoreContext } from './context.ts';
import { createDirectory } from './directory/index.ts';
import { createFeed } from './feed.ts';
import { fhirPlugin } from './http/routes.ts';
import { rememberContext } from './import/importing.ts';
import { createOwnerKeys } from './owner-keys.ts';
import { holdersOf } from './holders.ts';
import { speaksFor } from './speaking.ts';
import { everythingOperations } from './operations/everything.ts';
import { metaOperations } from './operations/meta.ts';
import { reindexOperations } from './operations/reindex.ts';
import { createOperations } from './operations/registry.ts';
import { validateOperation } from './operations/validate.ts';
import { rememberKeyWork } from './rotation/key-work.ts';
import { onErased } from './rotation/index.ts';
import { createBuilding } from './parameters/build.ts';
import { createParameters } from './parameters/registry.ts';
import { createPoints } from './read/points.ts';
import { instanceHistory } from './read/history.ts';
import { read, vread } from './read/read.ts';
import { bundleOf, createSearch, patientsIn } from './search/index.ts';
import { createListed } from './search/listed.ts';
import { createNewest } from './search/newest.ts';
import type { Records, RecordsDeps, Terminology, VirtualProvider } from './types.ts';
import { createUpkeep } from './upkeep.ts';
import { createVault } from './vault.ts';
import { createGathered } from './write/gather.ts';
import { openFor, sealFor } from './write/lend-key.ts';
import { createRequest, patchRequest, removeRequest, updateRequest } from './write/requests.ts';
import { createWalks } from './walk/walk.ts';
import { write } from './write/transaction-scope.ts';
import { createTwins } from './write/twins.ts';
import { writtenBodies } from './written-bodies.ts';

const callersOwn = [
  'read',
  'vread',
  'history',
  'search',
  'create',
  'update',
  'patch',
  'remove',
  'transaction',
  'write',
  'sealFor',
  'openFor',
  'holders',
  'speaks',
] as const satisfies readonly (keyof Records)[];

/** The record store over one database. Several processes may share the database; nothing of it is kept in one of them. */
export async function createRecords(deps: RecordsDeps): Promise<Records> {
  deps.access.custody.bodies(writtenBodies(deps.db));
  const virtuals = new Map<string, VirtualProvider>();
  const operations = createOperations();
  let terminology: Terminology | undefined;
  const directory = createDirectory(deps);
  const vault = createVault(deps);
  const base: RecordsContext = {
    ...deps,
    vault,
    parameters: createParameters({ ...deps, vault }),
    aliases: createAliases(deps),
    ownerKeys: createOwnerKeys(deps),
    points: createPoints(deps),
    newest: createNewest(deps),
    listed: createListed(deps, directory),
    gathered: createGathered(deps),
    virtuals,
    terminology: () => terminology,
    conformance: createConformance({
      ...deps,
      find: (...asked) => ctx.find(...asked),
      terminology: () => terminology,
    }),
  };
  const search = createSearch(base, directory);
  const ctx: StoreContext = {
    ...base,
    find: async (sql, caller, type, params, { strict, owners } = {}) => {
      const options = { ...(sql !== deps.db && { sql }), strict };
      const answer = await search.answer(caller, type, params, options);
      owners?.(patientsIn(answer));
      return bundleOf(answer);
    },
  };
  const walks = createWalks(base);
  for (const one of everythingOperations(ctx, walks)) operations.add(one);
  operations.add(validateOperation(ctx));
  const feed = createFeed(deps);
  // Other processes write definitions too.
  feed.onChange(({ tenant, type }) => {
    if (type === 'StructureDefinition' || type === 'ValueSet') base.conformance.forget(tenant);
  });
  const building = createBuilding(base);
  for (const one of reindexOperations(ctx)) operations.add(one);
  const upkeep = createUpkeep(deps);
  let forgetErased = () => undefined as void;
  const twins = createTwins(ctx);
  const told = async <T>(work: Promise<T>): Promise<T> => {
    const value = await work;
    feed.poke();
    return value;
  };

  const records: Records = {
    plugin: async (app) => fhirPlugin(app, { ctx, records, search, operations, poke: feed.poke }),
    read: (caller, type, id) => read(ctx, deps.db, caller, type, id),
    vread: (caller, type, id, version) => vread(ctx, deps.db, caller, type, id, version),
    history: (caller, type, id, opts) => instanceHistory(ctx, deps.db, caller, { type, id }, opts),
    search: (caller, type, params, opts) => ctx.find(deps.db, caller, type, params, opts),
    walks,
    create: (caller, resource, opts) => told(createRequest(ctx, caller, resource, opts)),
    update: (caller, resource, opts) => told(updateRequest(ctx, caller, resource, opts)),
    patch: (caller, type, id, operations, opts) =>
      told(patchRequest(ctx, caller, { type, id, operations }, opts)),
    remove: async (caller, type, id, opts) => {
      await told(removeRequest(ctx, caller, { type, id }, opts));
    },
    transaction: (caller, bundle, opts) => told(bundleRequest(ctx, caller, bundle, opts)),
    write: (caller, work) => told(write(ctx, caller, work)),
    sealFor: (caller, patient, context, plain) =>
      sealFor(ctx, deps.db, caller, { patient, context, plain }),
    holders: (caller, patient) => holdersOf(ctx, caller, patient),
    speaks: (caller, patient) => speaksFor(deps.db, caller, patient),
    openFor: (caller, patient, context, sealed) =>
      openFor(ctx, caller, { patient, context, sealed }),
    virtual: (type, provider) => void virtuals.set(type, provider),
    operation: operations.add,
    terminology: (port) => void (terminology = port),
    onChange: feed.onChange,
    async start() {
      forgetErased = onErased({ ...deps, directory, vault });
      await upkeep.start();
      await feed.start();
      twins.start();
      base.parameters.start();
      building.start();
    },
    async stop() {
      forgetErased();
      upkeep.stop();
      base.parameters.stop();
      await building.stop();
      await twins.stop();
      await feed.stop();
      await base.conformance.stop();
    },
  };
  // What is done for a caller is done as her tenant, whoever does it: a request, a job, the house in the background.
  for (const name of callersOwn) {
    const work = records[name] as (caller: Caller, ...rest: unknown[]) => unknown;
    const asTenant = (caller: Caller, ...rest: unknown[]): unknown =>
      within(caller.tenant, () => work(caller, ...rest));
    records[name] = asTenant as never;
  }
  for (const one of metaOperations(ctx, records, walks)) operations.add(one);
  rememberContext(records, base);
  rememberKeyWork(records, base);
  return records;
}
