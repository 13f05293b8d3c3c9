/**
 * The FHIRPath library with R4's model, loaded when something is first asked of it: it costs 180 ms and 40 MB,
 * which neither a start nor a plain create shall pay.
 */
import type * as Fhirpath from 'fhirpath';
import { resolveWithin } from './resolve.ts';

/** `%resource`, `%rootResource` and whatever else an expression may name. */
export type Environment = Record<string, unknown>;

/** An expression parsed once. Values of complex types come as they stand in the resource. */
export type Evaluate = (focus: unknown, environment?: Environment) => unknown[];

export interface Library {
  /**
   * @param type FHIR type of the focus when it is no resource: `Patient.contact`, `Period`
   * @throws Error for what does not parse
   */
  compile(expression: string, type?: string): Evaluate;
  /** FHIR types of the values: `FHIR.code`, `System.Boolean`. */
  compileTyped(expression: string): (focus: unknown) => { type: string; value: unknown }[];
  parse(expression: string): unknown;
  version: string;
}

interface Module {
  createRequire(from: string): (name: string) => unknown;
}

/** [FHIR R4 fhirpath.html#variables] `%ucum` is the library's own. */
const constants = { sct: 'http://snomed.info/sct', loinc: 'http://loinc.org' };

/** The library learns a focus' type from the place it stands at; a data type's is found in an extension. */
function baseOf(type: string, { path2Type }: Fhirpath.Model): string {
  const place = `Extension.value${type[0]!.toUpperCase()}${type.slice(1)}`;
  return path2Type[place] === type ? place : type;
}

let loaded: Library | null | undefined;

/** Undefined in a browser: what needs it is checked by the server. */
export function fhirPathLibrary(): Library | undefined {
  loaded ??= load();
  return loaded ?? undefined;
}

/** Whether it stands in memory. For the test that a start and a create do without it. */
export const isFhirPathLoaded = (): boolean => Boolean(loaded);

function load(): Library | null {
  // Asked of the process and not imported: this room is loaded by the web app too.
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const node = process?.getBuiltinModule?.('node:module') as Module | undefined;
  if (!node) return null;
  const require = node.createRequire(import.meta.url);
  const fhirpath = require('fhirpath') as typeof Fhirpath;
  const model = require('fhirpath/fhir-context/r4') as Fhirpath.Model;
  const options = {
    // trace() would print what it is given.
    traceFn: () => undefined,
    userInvocationTable: {
      // The library's own asks the network; ours looks into what it was given.
      resolve: { fn: resolveWithin, arity: { 0: [] as [] }, internalStructures: true },
    },
  };
  return {
    version: fhirpath.version,
    parse: (expression) => fhirpath.parse(expression) as unknown,
    compile(expression, type) {
      const path = type === undefined ? expression : { base: baseOf(type, model), expression };
      const run = fhirpath.compile(path, model, options);
      return (focus, environment) => run(focus, { ...constants, ...environment }) as unknown[];
    },
    compileTyped(expression) {
      const run = fhirpath.compile(expression, model, { ...options, resolveInternalTypes: false });
      return (focus) => {
        const values = run(focus, { rootResource: focus }) as unknown[];
        const types = fhirpath.types(values);
        return values.map((value, at) => ({ type: types[at]!, value }));
      };
    },
  };
}
