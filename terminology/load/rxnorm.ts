/** RxNorm in rich release format: RXNCONSO.RRF, with relations and attributes where they lie beside it. */
import type { PropertyDefinition } from '../model.ts';
import { filesUnder, LoadFault, linesOf, named, needed } from './files.ts';
import type { OnBytes } from './files.ts';
import type { LoadOptions, Release } from './load.ts';
import type { Sink } from './staging.ts';

const url = 'http://www.nlm.nih.gov/research/umls/rxnorm';

/** Names that are a concept's own rather than another way to say it [RxNorm technical documentation, appendix 5]. */
const synonyms = new Set(['SY', 'TMSY', 'PSN', 'ET']);

/** Relations as properties [FHIR R4 rxnorm.html]; what is told of one concept is told once. */
const relations =
  'isa tradename_of has_tradename has_ingredient ingredient_of has_ingredients consists_of constitutes has_dose_form dose_form_of has_form form_of has_precise_ingredient precise_ingredient_of contains contained_in has_part part_of has_quantified_form quantified_form_of has_doseformgroup doseformgroup_of reformulated_to reformulation_of'.split(
    ' ',
  );
const known = new Set(relations);

/** Attributes worth their room: codes of products, strengths, status. */
const kept = new Set([
  'RXN_STRENGTH',
  'RXN_AVAILABLE_STRENGTH',
  'RXN_HUMAN_DRUG',
  'RXN_VET_DRUG',
  'RXN_BN_CARDINALITY',
  'NDC',
]);

const properties: readonly PropertyDefinition[] = [
  { code: 'TTY', type: 'string', description: 'Term type' },
  { code: 'SAB', type: 'string', description: 'Source' },
  ...relations.map((code): PropertyDefinition => ({ code, type: 'code' })),
  ...Array.from(kept, (code): PropertyDefinition => ({ code, type: 'string' })),
];

export function openRxNorm(path: string, { version }: LoadOptions): Release {
  const all = filesUnder(path);
  const names = needed(all, /^rxnconso\.rrf$/i, 'RXNCONSO.RRF');
  const links = named(all, /^rxnrel\.rrf$/i).slice(0, 1);
  const attributes = named(all, /^rxnsat\.rrf$/i).slice(0, 1);
  const told = version ?? /rxnorm_(?:full|prescribe|weekly)\w*?_(\d{8})/i.exec(names)?.[1];
  if (!told) throw new LoadFault('the release cannot be told from the folder: give --version');
  const found = new Set<string>();
  return {
    url,
    version: told,
    name: 'RxNorm',
    properties,
    files: [names, ...links, ...attributes],
    async read(sink, onBytes) {
      await readNames(names, sink, onBytes, found);
      for (const file of links) await readLinks(file, sink, onBytes, found);
      for (const file of attributes) await readAttributes(file, sink, onBytes, found);
    },
  };
}

async function* rows(file: string, cells: number, onBytes: OnBytes): AsyncIterable<string[][]> {
  for await (const lines of linesOf(file, onBytes)) {
    const parted = lines.filter(Boolean).map((line) => line.split('|'));
    if (parted.some((row) => row.length < cells))
      throw new LoadFault(`${file}: a line has fewer than ${cells} columns`);
    yield parted;
  }
}

/** RXCUI|LAT|TS|LUI|STT|SUI|ISPREF|RXAUI|SAUI|SCUI|SDUI|SAB|TTY|CODE|STR|SRL|SUPPRESS|CVF| */
async function readNames(
  file: string,
  sink: Sink,
  onBytes: OnBytes,
  found: Set<string>,
): Promise<void> {
  for await (const parted of rows(file, 18, onBytes))
    for (const row of parted) {
      const [code, source, type, value, suppressed] = [
        row[0]!,
        row[11]!,
        row[12]!,
        row[14]!,
        row[16]!,
      ];
      if (source !== 'RXNORM') continue;
      const isOwn = !synonyms.has(type);
      if (!found.has(code)) {
        found.add(code);
        await sink.concept({ code, inactive: suppressed !== 'N' });
        await sink.property(code, 'SAB', source);
      }
      if (isOwn) await sink.property(code, 'TTY', type);
      await sink.name({
        code,
        value,
        language: 'en',
        use: { system: url, code: type },
        rank: isOwn ? 0 : 1,
      });
    }
}

/** RXCUI1|RXAUI1|STYPE1|REL|RXCUI2|RXAUI2|STYPE2|RELA|RUI|SRUI|SAB|SL|DIR|RG|SUPPRESS|CVF| : the second is RELA of the first. */
async function readLinks(
  file: string,
  sink: Sink,
  onBytes: OnBytes,
  found: ReadonlySet<string>,
): Promise<void> {
  for await (const parted of rows(file, 16, onBytes))
    for (const row of parted) {
      const [to, from, relation, source] = [row[0]!, row[4]!, row[7]!, row[10]!];
      if (source !== 'RXNORM' || !known.has(relation) || !found.has(from) || !found.has(to))
        continue;
      await sink.property(from, relation, to);
      if (relation === 'isa') await sink.link(from, to);
    }
}

/** RXCUI|LUI|SUI|RXAUI|STYPE|CODE|ATUI|SATUI|ATN|SAB|ATV|SUPPRESS|CVF| */
async function readAttributes(
  file: string,
  sink: Sink,
  onBytes: OnBytes,
  found: ReadonlySet<string>,
): Promise<void> {
  for await (const parted of rows(file, 13, onBytes))
    for (const row of parted) {
      const [code, name, source, value] = [row[0]!, row[8]!, row[9]!, row[10]!];
      if (source === 'RXNORM' && kept.has(name) && found.has(code))
        await sink.property(code, name, value);
    }
}
