/** Where somebody is, as far as a licence asks: countries and their regions by code [ISO 3166-1 alpha-2, ISO 3166-2]. */

/** Officially assigned codes. */
export const countries: readonly string[] = (
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
  'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR ' +
  'GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP ' +
  'KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT ' +
  'MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW ' +
  'SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG ' +
  'UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
).split(' ');

/**
 * Regions of the countries that license by region: there a country alone says too little.
 * Names as the regions write them in English; they are shown as they are in every language.
 */
export const regions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  US: {
    AL: 'Alabama',
    AK: 'Alaska',
    AZ: 'Arizona',
    AR: 'Arkansas',
    CA: 'California',
    CO: 'Colorado',
    CT: 'Connecticut',
    DE: 'Delaware',
    DC: 'District of Columbia',
    FL: 'Florida',
    GA: 'Georgia',
    HI: 'Hawaii',
    ID: 'Idaho',
    IL: 'Illinois',
    IN: 'Indiana',
    IA: 'Iowa',
    KS: 'Kansas',
    KY: 'Kentucky',
    LA: 'Louisiana',
    ME: 'Maine',
    MD: 'Maryland',
    MA: 'Massachusetts',
    MI: 'Michigan',
    MN: 'Minnesota',
    MS: 'Mississippi',
    MO: 'Missouri',
    MT: 'Montana',
    NE: 'Nebraska',
    NV: 'Nevada',
    NH: 'New Hampshire',
    NJ: 'New Jersey',
    NM: 'New Mexico',
    NY: 'New York',
    NC: 'North Carolina',
    ND: 'North Dakota',
    OH: 'Ohio',
    OK: 'Oklahoma',
    OR: 'Oregon',
    PA: 'Pennsylvania',
    RI: 'Rhode Island',
    SC: 'South Carolina',
    SD: 'South Dakota',
    TN: 'Tennessee',
    TX: 'Texas',
    UT: 'Utah',
    VT: 'Vermont',
    VA: 'Virginia',
    WA: 'Washington',
    WV: 'West Virginia',
    WI: 'Wisconsin',
    WY: 'Wyoming',
  },
  CA: {
    AB: 'Alberta',
    BC: 'British Columbia',
    MB: 'Manitoba',
    NB: 'New Brunswick',
    NL: 'Newfoundland and Labrador',
    NS: 'Nova Scotia',
    NT: 'Northwest Territories',
    NU: 'Nunavut',
    ON: 'Ontario',
    PE: 'Prince Edward Island',
    QC: 'Quebec',
    SK: 'Saskatchewan',
    YT: 'Yukon',
  },
};

const known = new Set(countries);
const form = /^([A-Z]{2})(?:-([A-Z0-9]{1,3}))?$/;

/** True for a country or region code: `ES`, `US-NY`. Regions of a country we have no list of are taken by their form. */
export function isPlace(code: unknown): code is string {
  const found = typeof code === 'string' ? form.exec(code) : null;
  const [, country = '', region] = found ?? [];
  if (!known.has(country)) return false;
  return region === undefined || regions[country] === undefined || region in regions[country];
}

/** True when a place says enough to be matched: with its region where licences are given by region. */
export function isWhere(code: unknown): code is string {
  return isPlace(code) && (code.length > 2 || regions[code] === undefined);
}

/** Does a licence for `jurisdiction` reach a patient who is at `place`? A country's reaches its regions, not the other way round. */
export const reaches = (jurisdiction: string, place: string): boolean =>
  jurisdiction === place || place.startsWith(`${jurisdiction}-`);

/** The place of a FHIR address, as far as its code of a country and its region, by code or name, say one. */
export function placeOf(
  address: { country?: string; state?: string } | undefined,
): string | undefined {
  const country = address?.country?.trim().toUpperCase() ?? '';
  const state = address?.state?.trim().toUpperCase() ?? '';
  const named = Object.entries(regions[country] ?? {}).find(
    ([, name]) => name.toUpperCase() === state,
  );
  const whole = state ? `${country}-${named?.[0] ?? state}` : country;
  return [whole, country].find(isWhere);
}
