/** The name of a country or region by its code, in the reader's language where languages have one. */
import { regions } from '@afar/fhir';

export const countryName = (code: string, locale: string): string =>
  new Intl.DisplayNames([locale], { type: 'region' }).of(code) ?? code;

/** `US-NY` is "New York, United States". */
export function placeName(code: string, locale: string): string {
  const [country = '', region] = code.split('-');
  const name = countryName(country, locale);
  return region ? `${regions[country]?.[region] ?? region}, ${name}` : name;
}
