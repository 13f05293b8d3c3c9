/** A moment in a query or a body: ms since 1970, within what a date can say [ECMA-262 21.4.1.1]; a larger one is no number of the database's. */
export const instant = { type: 'integer', minimum: 0, maximum: 8_640_000_000_000_000 } as const;
