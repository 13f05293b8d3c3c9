/** Parameters that are made of others: stored once, under the part. */

/** `name` is what is in `family` and `given`, and more; the whole holds only what its parts do not. */
export const partsOf: Readonly<Record<string, readonly string[]>> = {
  name: ['family', 'given'],
  address: ['address-city', 'address-state', 'address-postalcode', 'address-country'],
  telecom: ['phone', 'email'],
};

/** `phonetic` asks the names by their sound: it has no values of its own. */
export const soundOf: Readonly<Record<string, string>> = { phonetic: 'name' };

/** The parameters whose values are those of `param`. */
export function sourcesOf(param: string): readonly string[] {
  const whole = soundOf[param] ?? param;
  const parts = partsOf[whole];
  return parts ? [whole, ...parts] : [whole];
}

const wholeOf = new Map(
  Object.entries(partsOf).flatMap(([whole, parts]) => parts.map((part) => [part, whole] as const)),
);

/** The index a parameter's words are in: that of the whole it is a part of. */
export function indexOf(param: string): string {
  return wholeOf.get(param) ?? soundOf[param] ?? param;
}
