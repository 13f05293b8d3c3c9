/** Values a chart may hold, of every shape, made up by chance that is the same in every run: for tests only. */

/** The same numbers in every run [mulberry32]. */
let seed = 20_261_121;
export function random(below: number): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
}
export const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
const two = (n: number) => String(n).padStart(2, '0');

/** Any precision a date can have. */
export function date(): string {
  const year = 2018 + random(4);
  const month = two(1 + random(12));
  const day = two(1 + random(28));
  const minute = `${two(random(24))}:${two(random(60))}`;
  return pick([
    `${year}`,
    `${year}-${month}`,
    `${year}-${month}-${day}`,
    `${year}-${month}-${day}`,
    `${year}-${month}-${day}T${minute}:${two(random(60))}Z`,
    `${year}-${month}-${day}T${minute}:00+02:00`,
    `${year}-${month}-${day}T${minute}:30.25Z`,
  ]);
}
export const period = () => {
  const [a, b] = [date(), date()].sort(
    (x, y) => Date.parse(x.slice(0, 10)) - Date.parse(y.slice(0, 10)),
  );
  return pick([{ start: a, end: `2022-0${1 + random(9)}-01` }, { start: b }, { end: a }]);
};
export const loinc = 'http://loinc.org';
export const ucum = 'http://unitsofmeasure.org';
export const codes = ['29463-7', '8302-2', '8867-4', '85354-9'];
const displays = ['Body weight', 'Body height', 'Heart rate', 'Blood pressure panel'];
export const concept = () => {
  const n = random(codes.length);
  return {
    coding: [
      pick([
        { system: loinc, code: codes[n]!, display: displays[n]! },
        { code: codes[n]! },
        { system: 'urn:local', code: `${n}`, display: 'Gewicht morgens' },
      ]),
    ],
    ...(random(2) && { text: pick(['Weight at home', 'Größe', 'taken twice']) }),
  };
};
export const quantity = () => {
  const [code, low, high] = pick([
    ['kg', 40, 90],
    ['g', 40_000, 90_000],
    ['mg', 40_000, 90_000],
    ['Cel', 35, 41],
    ['[degF]', 95, 105],
  ] as const);
  const value = low + random((high - low) * 10) / 10;
  return {
    value,
    ...pick([
      { system: ucum, code },
      { system: ucum, code, unit: code },
      { unit: code },
      { system: 'urn:other', code },
    ]),
  };
};
