/** What an expression that somebody brings along (in a profile, a search parameter) may cost. */

/** The longest invariant of R4 has 700 characters. */
export const longestExpression = 8_000;

/** Nodes of the parse; R4's largest invariant has 900. */
export const mostNodes = 4_000;

/** ms for all expressions of one resource together; a page of a hundred takes 5. */
export const timeLimit = 250;

/** MB of the thread's heap: library and model take 40. */
export const heapLimit = 160;

/** Jobs that wait; more is refused at once. */
export const longestQueue = 200;
