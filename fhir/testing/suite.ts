/** Runs HL7's FHIRPath test suite (an XML file that is not in this repository) against the library, set up as the house uses it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fhirPathLibrary } from '../fhirpath/library.ts';

export interface SuiteResult {
  total: number;
  passed: number;
  /** Names of tests that did not. */
  failed: string[];
}

interface Case {
  name: string;
  input: string | undefined;
  predicate: boolean;
  /** It must be refused. */
  invalid: boolean;
  expression: string;
  outputs: { type: string; value: string }[];
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const plain = (text: string): string =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string) =>
    code ? String.fromCodePoint(Number(code)) : (entities[name] ?? whole),
  );

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\b${name}\\s*=\\s*"([^"]*)"`).exec(tag)?.[1];

/** The suite's own plain XML; no other is read. */
function casesIn(xml: string): Case[] {
  const text = xml.replace(/<!--[\s\S]*?-->/g, '');
  return [...text.matchAll(/<test\b([^>]*)>([\s\S]*?)<\/test>/g)].map(
    ([, head = '', body = '']) => {
      const [, marks = '', expression = ''] =
        /<expression\b([^>]*)>([\s\S]*?)<\/expression>/.exec(body) ?? [];
      return {
        name: attribute(head, 'name') ?? '',
        input: attribute(head, 'inputfile')?.replace(/\.xml$/, '.json'),
        predicate: attribute(head, 'predicate') === 'true',
        invalid: attribute(marks, 'invalid') !== undefined,
        expression: plain(expression).trim(),
        outputs: [...body.matchAll(/<output\b([^>]*?)(?:\/>|>([\s\S]*?)<\/output>)/g)].map(
          ([, tag = '', value = '']) => ({
            type: attribute(tag, 'type') ?? '',
            value: plain(value).trim(),
          }),
        ),
      };
    },
  );
}

/** Dates and quantities are written with and without their literal's marks. */
const bare = (value: unknown): string =>
  (typeof value === 'object' ? JSON.stringify(value) : String(value))
    .replace(/^@T?/, '')
    .replaceAll("'", '');

function passes(one: Case, resource: unknown): boolean {
  const library = fhirPathLibrary()!;
  let values: unknown[];
  try {
    values = library.compile(one.expression)(resource, { resource, rootResource: resource });
  } catch {
    return one.invalid;
  }
  if (one.invalid) return false;
  if (one.predicate && one.outputs[0]?.type === 'boolean' && typeof values[0] !== 'boolean')
    return String(values.length > 0) === one.outputs[0].value;
  return (
    values.length === one.outputs.length &&
    values.every((value, at) => bare(value) === bare(one.outputs[at]!.value))
  );
}

/** @param resources folder of the suite's resources as JSON (`patient-example.json`) */
export function runSuite(file: string, resources: string): SuiteResult {
  const cases = casesIn(readFileSync(file, 'utf8'));
  const failed = cases.filter((one) => {
    const resource: unknown =
      one.input === undefined ? {} : JSON.parse(readFileSync(join(resources, one.input), 'utf8'));
    return !passes(one, resource);
  });
  return {
    total: cases.length,
    passed: cases.length - failed.length,
    failed: failed.map(({ name, expression }) => `${name}: ${expression}`),
  };
}
