/** A clinic with terminology, and a short way to ask it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller } from '@afar/access';
import type {
  OperationOutcome,
  Parameters,
  ParametersParameter,
  Resource,
  ValueSet,
} from '@afar/fhir';
import type { Clock } from '@afar/platform';
import type { Terminology } from '@afar/records';
import { openWorld } from '@afar/records/testing';
import type { World } from '@afar/records/testing';
import { createTerminology, loadSystem } from '../index.ts';
import type { Loaded, LoadOptions } from '../index.ts';

export interface Said {
  status: number;
  /** The body as it was answered. */
  body: Resource;
  outcome: OperationOutcome;
  /** Of Parameters: the primitive value of a parameter, by name. */
  value(name: string): unknown;
  parameters: ParametersParameter[];
  /** Of an expansion, depth first. */
  codes: string[];
  valueSet: ValueSet;
}

export interface Clinic extends World {
  /** What search and validation ask. */
  readonly port: Terminology;
  get(path: string, query?: Record<string, string | string[]>, as?: Caller): Promise<Said>;
  post(path: string, body: unknown, as?: Caller): Promise<Said>;
  put(resource: Resource, as?: Caller): Promise<Said>;
  /** Loads a release, and lets the room see it at once. Its folder is taken away at the end. */
  load(kind: string, path: string, options?: LoadOptions): Promise<Loaded>;
  /** `code=value` of every property that $lookup tells. */
  properties(system: string, code: string): Promise<string[]>;
  /** Lets the room see at once what was loaded just now: its clock jumps past what it remembers. */
  forget(): void;
}

export const parameters = (...parameter: ParametersParameter[]): Parameters => ({
  resourceType: 'Parameters',
  parameter,
});

export function valueOf(one: object | undefined): unknown {
  const found = Object.entries(one ?? {}).find(([key]) => key.startsWith('value'));
  return found?.[1];
}

type Contains = NonNullable<NonNullable<ValueSet['expansion']>['contains']>;

const flat = (contains: Contains): string[] =>
  contains.flatMap((one) => [one.code!, ...flat(one.contains ?? [])]);

export async function openClinic(): Promise<Clinic> {
  const world = await openWorld({ rooms: ['terminology'] });
  const { records, clock, log } = world;
  let ahead = 0;
  const later: Clock = { now: () => clock.now() + ahead };
  const room = createTerminology({ db: world.data.db, records, clock: later, log });
  const http = await world.http();
  const said = async (
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body: unknown,
    as: Caller,
  ): Promise<Said> => {
    const answer = await http.inject({ as, method, url: `/fhir/R4/${path}`, body });
    const parsed = JSON.parse(answer.text) as Resource;
    const parameter = (parsed as Parameters).parameter ?? [];
    return {
      status: answer.status,
      body: parsed,
      outcome: parsed as OperationOutcome,
      value: (name) => valueOf(parameter.find((one) => one.name === name)),
      parameters: parameter,
      valueSet: parsed as ValueSet,
      codes: flat((parsed as ValueSet).expansion?.contains ?? []),
    };
  };
  const folders: string[] = [];
  const clinic: Clinic = {
    ...world,
    port: room.port,
    async load(kind, path, options) {
      folders.push(join(path, '..'));
      const deps = { ownerUrl: world.data.urls.owner, now: () => clock.now(), graceMs: 0 };
      const loaded = await loadSystem(deps, kind, path, options);
      ahead += 60_000;
      return loaded;
    },
    async properties(system, code) {
      const { parameters: told } = await clinic.get('CodeSystem/$lookup', { system, code });
      return told
        .filter((one) => one.name === 'property')
        .map(({ part }) => `${String(valueOf(part![0]))}=${String(valueOf(part![1]))}`);
    },
    get(path, query = {}, as = world.system) {
      const params = new URLSearchParams();
      for (const [name, values] of Object.entries(query))
        for (const value of [values].flat()) params.append(name, value);
      return said('GET', `${path}?${params}`, undefined, as);
    },
    post: (path, body, as = world.system) => said('POST', path, body, as),
    put: (resource, as = world.system) =>
      said('PUT', `${resource.resourceType}/${resource.id}`, resource, as),
    forget: () => void (ahead += 60_000),
    async close() {
      room.stop();
      await world.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
  return clinic;
}
