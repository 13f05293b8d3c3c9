/** What an expression that somebody brings along (in a profile, a search parameter) may cost. */

/** The longest invariant of R4 has 700 characters. */
export const longestExpression = 8_000;

/** Nodes of the parse; R4's largest invariant has 900. */
export const mostNodes = 4_000;

/**
 * ms for all expressions of one resource together. A hundred rules take 5; the rest is for a machine that is busy with
 * something else: by the clock on the wall, for nobody can ask a thread inside a regular expression what it has used.
 * Still, whoever brings a bomb is refused within a second.
 */
export const timeLimit = 800;

/** MB of the thread's heap: library and model take 40. */
export const heapLimit = 160;

/** Jobs that wait; more is refused at once. */
export const longestQueue = 200;
