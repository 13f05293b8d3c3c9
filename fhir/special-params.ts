/** Parameters of a kind of their own: `near`, and those every type has without an element they read. */
import { splitEscaped, unescape } from './query-text.ts';
import type { SearchParam } from './search-params.ts';
import type { SearchValue } from './search-query.ts';

const nothing = () => [];

/** [FHIR R4 search.html#all] `_text`, `_content` and `_list` say something about the whole resource. */
export const wholeParams: ReadonlyMap<string, SearchParam> = new Map(
  ['_text', '_content', '_list'].map((code) => [
    code,
    { code, type: 'special', extract: nothing, find: nothing },
  ]),
);

/** Undefined when malformed. */
export function specialValue(raw: string, code: string): SearchValue | undefined {
  switch (code) {
    case 'near':
      return near(raw);
    case '_text':
    case '_content':
      return words(raw);
    case '_list':
      return /^[A-Za-z0-9\-.]{1,64}$/.test(raw) ? { kind: 'list', id: raw } : undefined;
    default:
      return undefined;
  }
}

/** km in one of each; the codes of UCUM and what people write. */
const lengths: Record<string, number> = {
  km: 1,
  m: 0.001,
  mi: 1.609344,
  '[mi_i]': 1.609344,
  '[mi_us]': 1.609347219,
  '[ft_i]': 0.0003048,
};

/** Where no distance is given: a town and what lies around it. The standard leaves it to the server. */
const usualKm = 10;

/** Half the circumference of the earth: everything is within it. */
const mostKm = 20_040;

/** [FHIR R4 location.html#positional] `latitude|longitude|distance|unit`; km where no unit is given. */
function near(raw: string): SearchValue | undefined {
  const parts = splitEscaped(raw, '|').map(unescape);
  const [latitude, longitude] = parts.slice(0, 2).map(decimal);
  const distance = parts[2] ? decimal(parts[2]) : usualKm;
  const unit = parts[2] ? lengths[parts[3] || 'km'] : 1;
  if (latitude === undefined || longitude === undefined || distance === undefined) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180 || distance < 0) return undefined;
  if (unit === undefined || parts.length > 4) return undefined;
  return { kind: 'near', latitude, longitude, km: Math.min(distance * unit, mostKm) };
}

function decimal(text: string): number | undefined {
  return /^[+-]?\d{1,6}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

/** More words than a sentence has are no question. */
const mostWords = 20;

function words(raw: string): SearchValue | undefined {
  const list = unescape(raw).split(/\s+/).filter(Boolean);
  return list.length > 0 && list.length <= mostWords ? { kind: 'words', words: list } : undefined;
}
