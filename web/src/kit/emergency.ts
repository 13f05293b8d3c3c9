/** The number to call when life is in danger, by the zone a person is in. Pure. */

/** Zones of countries whose number is not 112; most of Europe, Asia and Africa answer to 112. */
const numbers: [RegExp, string][] = [
  [
    /^America\/(New_York|Chicago|Denver|Los_Angeles|Phoenix|Anchorage|Detroit|Boise|Toronto|Vancouver|Halifax|Winnipeg|Edmonton|Regina|St_Johns|Indiana\/|Kentucky\/|Mexico_City|Puerto_Rico|Bogota|Lima|Panama|Guatemala|Costa_Rica)/,
    '911',
  ],
  [/^(Pacific\/Honolulu|US\/|Canada\/)/, '911'],
  [/^Europe\/(London|Belfast|Jersey|Guernsey|Isle_of_Man)/, '999'],
  [/^America\/(Sao_Paulo|Manaus|Fortaleza|Recife|Bahia|Belem)/, '192'],
  [/^America\/(Argentina|Buenos_Aires)/, '107'],
  [/^America\/Santiago/, '131'],
  [/^Australia\//, '000'],
  [/^Pacific\/Auckland/, '111'],
  [/^Asia\/(Tokyo|Seoul|Taipei)/, '119'],
  [/^Asia\/(Shanghai|Chongqing)/, '120'],
];

/** 112 is carried to the local service by nearly every mobile network: the default. */
export const emergencyNumber = (zone: string): string =>
  numbers.find(([pattern]) => pattern.test(zone))?.[1] ?? '112';
