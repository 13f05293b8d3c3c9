/** Systems that are a grammar or a list the platform itself knows: languages, media types, countries, currencies, zones, units. */
import type { CodeSource, Concept } from '../model.ts';
import { MemorySystem } from '../memory/memory-system.ts';
import { tooCostly } from '../refusals.ts';
import { candidates } from '../rules.ts';

/** The display of a code, undefined when it is none. */
type Describe = (code: string) => string | undefined;

interface Grammar {
  readonly name: string;
  /** What must be loaded first. */
  readonly open: () => Promise<Describe>;
}

const named = (type: Intl.DisplayNamesType) => {
  let names: Intl.DisplayNames | undefined;
  return (code: string): string | undefined => {
    names ??= new Intl.DisplayNames('en', { type, fallback: 'none' });
    try {
      return names.of(code);
    } catch {
      return undefined;
    }
  };
};

const language = named('language');

/** [RFC 6838 4.2] with parameters as [RFC 2045 5.1] writes them. */
const mediaType =
  /^(application|audio|example|font|haptics|image|message|model|multipart|text|video)\/[A-Za-z0-9][\w!#$&^.+-]{0,126}(\s*;\s*[\w!#$&^.+-]+=([\w!#$&^.+-]+|"[^"\\]*"))*$/;

/** Longest code that is looked at: grammars may take time in its square. */
const longest = 200;

/** Of a unit: the parser's time grows with length and operators, and no unit of medicine comes near. */
const longestUnit = 64;
const mostOperators = 10;

/** Loaded when first asked for: 20 ms. */
async function units(): Promise<Describe> {
  const { UcumLhcUtils } = (await import('@lhncbc/ucum-lhc')).default;
  const table = UcumLhcUtils.getInstance();
  return (code) => {
    if (code.length > longestUnit || (code.match(/[./(]/g)?.length ?? 0) > mostOperators)
      return undefined;
    const found = table.validateUnitString(code);
    // It knows units by their names too; only the very code is a code.
    return found.status === 'valid' && found.ucumCode === code
      ? (found.unit?.name ?? code)
      : undefined;
  };
}

function languageTag(code: string): string | undefined {
  try {
    if (Intl.getCanonicalLocales(code).length !== 1) return undefined;
  } catch {
    return undefined;
  }
  return language(code) ?? (language(code.split('-')[0]!) && code);
}

const at = (describe: Describe) => () => Promise.resolve(describe);

const grammars: Readonly<Record<string, Grammar>> = {
  'urn:ietf:bcp:47': { name: 'BCP 47', open: at(languageTag) },
  'urn:ietf:bcp:13': {
    name: 'Media types',
    open: at((code) => (mediaType.test(code) ? code : undefined)),
  },
  'http://unitsofmeasure.org': { name: 'UCUM', open: units },
};

interface List {
  readonly name: string;
  readonly codes: () => string[];
  readonly describe: Describe;
}

const region = named('region');

/** Regions of CLDR that ISO 3166-1 does not assign: user-assigned and exceptionally reserved. */
const unassigned = new Set(
  'AC CP CQ DG EA EU EZ IC QO SU TA UK UN XA XB XK ZZ AN BU CS DD FX NT TP YD YU ZR'.split(' '),
);

function regions(): string[] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !unassigned.has(code) && region(code) !== undefined)
    .filter((code) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`);
}

const currency = named('currency');

const lists: Readonly<Record<string, List>> = {
  'urn:iso:std:iso:3166': { name: 'ISO 3166-1', codes: regions, describe: region },
  'urn:iso:std:iso:4217': {
    name: 'ISO 4217',
    codes: () => Intl.supportedValuesOf('currency'),
    describe: currency,
  },
  'https://www.iana.org/time-zones': {
    name: 'IANA time zones',
    codes: () => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')],
    describe: (code) => code,
  },
};

const made = new Map<string, CodeSource>();

/** Recognising a unit takes up to 0.1 ms. */
const mostAsked = 10_000;

/** The system of that address, when it is one of these. */
export function grammarOf(url: string): CodeSource | undefined {
  const known = made.get(url);
  if (known) return known;
  const source = Object.hasOwn(lists, url)
    ? listed(url, lists[url]!)
    : Object.hasOwn(grammars, url)
      ? spoken(url, grammars[url]!)
      : undefined;
  if (source) made.set(url, source);
  return source;
}

const conceptOf = (code: string, display: string): Concept => ({
  code,
  display,
  properties: {},
  designations: [],
});

const facts = (url: string, name: string) => ({
  url,
  name,
  language: 'en',
  content: 'complete' as const,
  caseSensitive: true,
  properties: new Map(),
});

function listed(url: string, { name, codes: all, describe }: List): MemorySystem {
  return new MemorySystem(
    facts(url, name),
    all().map((code) => ({ code, concept: conceptOf(code, describe(code) ?? code), parents: [] })),
  );
}

/** Codes are recognised, not counted: a list of all of them has no end. */
function spoken(url: string, { name, open }: Grammar): CodeSource {
  async function recognised(asked: readonly string[]): Promise<MemorySystem> {
    if (asked.length > mostAsked) throw tooCostly(`${url}: too many codes at once`);
    const describe = await open();
    return new MemorySystem(
      facts(url, name),
      asked.flatMap((code) => {
        const display = code.length > longest ? undefined : describe(code);
        if (display === undefined) return [];
        return [{ code, concept: conceptOf(code, display), parents: [] }];
      }),
    );
  }
  const endless = () => tooCostly(`${url} is a grammar: its codes cannot be listed`);
  return {
    ...facts(url, name),
    hierarchical: false,
    find: async (asked) => (await recognised(asked)).find(asked),
    among: async (asked, rule) => (await recognised(asked)).among(asked, rule),
    async page(wanted, offset, count) {
      const named = candidates(wanted.rule);
      if (!named) throw endless();
      return (await recognised(named)).page(wanted, offset, count);
    },
    async count(wanted, most) {
      const named = candidates(wanted.rule);
      if (!named) throw endless();
      return (await recognised(named)).count(wanted, most);
    },
    around: async (code) =>
      (await recognised([code])).concept(code) && { parents: [], children: [] },
  };
}
