/** ICD-10-CM and ICD-10-PCS: the order file that CMS publishes each year. */
import { basename } from 'node:path';
import type { PropertyDefinition } from '../model.ts';
import { filesUnder, LoadFault, linesOf, needed } from './files.ts';
import type { Loader } from './load.ts';

const properties: readonly PropertyDefinition[] = [
  { code: 'billable', type: 'boolean', description: 'Valid for submission: not a header' },
  { code: 'order', type: 'string', description: 'Order number in the file' },
];

interface Edition {
  readonly url: string;
  readonly name: string;
  readonly file: RegExp;
  readonly codeOf: (code: string) => string;
}

/** [FHIR R4 icd.html] codes of ICD-10-CM carry the dot; the file leaves it out. */
const dotted = (code: string): string =>
  code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code;

/** Columns [ICD-10-CM order file readme]: 1-5 order, 7-13 code, 15 header or not, 17-76 short name, 78- long name. */
const line = /^(\d{5}) (.{7}) ([01]) (.{60}) (.+)$/;

function loaderOf({ url, name, file, codeOf }: Edition): Loader {
  return {
    open(path, { version }) {
      const found = needed(filesUnder(path), file, `${name} order file`);
      const told = version ?? /_(\d{4})\.txt$/.exec(basename(found))?.[1];
      if (!told) throw new LoadFault('the year cannot be told from the file name: give --version');
      return {
        url,
        version: told,
        name,
        properties,
        files: [found],
        async read(sink, onBytes) {
          // Codes above the present one: each begins with those before it.
          let above: string[] = [];
          let at = 0;
          for await (const lines of linesOf(found, onBytes))
            for (const text of lines) {
              at++;
              if (!text.trim()) continue;
              const cells = line.exec(text.padEnd(78));
              if (!cells)
                throw new LoadFault(`${basename(found)}, line ${at}: this is no order file`);
              const [, order, padded, flag, short, long] = cells as unknown as string[];
              const bare = padded!.trim();
              above = above.filter((one) => bare.startsWith(one) && bare !== one);
              const code = codeOf(bare);
              await sink.concept({ code, display: long!.trim() || short!.trim() });
              await sink.property(code, 'billable', String(flag === '1'));
              await sink.property(code, 'order', order!);
              if (short!.trim() !== long!.trim())
                await sink.name({ code, value: short!.trim(), language: 'en' });
              const parent = above.at(-1);
              if (parent !== undefined) await sink.link(code, codeOf(parent));
              above.push(bare);
            }
        },
      };
    },
  };
}

export const icd10cm = loaderOf({
  url: 'http://hl7.org/fhir/sid/icd-10-cm',
  name: 'ICD-10-CM',
  file: /^icd10cm[_-]order.*\.txt$/i,
  codeOf: dotted,
});

export const icd10pcs = loaderOf({
  url: 'http://www.cms.gov/Medicare/Coding/ICD10',
  name: 'ICD-10-PCS',
  file: /^icd10pcs[_-]order.*\.txt$/i,
  codeOf: (code) => code,
});
