/** What a browser says it is, in words a person knows: "Firefox on Windows". */

const browsers: [RegExp, string][] = [
  [/Edg(A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const systems: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
];

const first = (names: [RegExp, string][], agent: string): string | undefined =>
  names.find(([pattern]) => pattern.test(agent))?.[1];

/** @param agent the User-Agent header, or what the client calls itself */
export function browserOf(agent: string): { browser: string; system: string } | undefined {
  const browser = first(browsers, agent);
  const system = first(systems, agent);
  return browser && system ? { browser, system } : undefined;
}

export const isPhone = (agent: string): boolean => /iPhone|Android.*Mobile/.test(agent);
