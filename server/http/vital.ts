/** What is let in when others are not: probes, and what a visit under way needs to go on. */

const probes = new Set(['/healthz', '/readyz']);

/**
 * Of one visit, by name: whoever asks for something dear in a loop (a summary as a file, the fields of a chart) must not have a place that
 * calls need. Not lists, not bookings, not the record.
 */
const ofVisit = new RegExp(
  `^/api/visits/[^/?]+/(?:${[
    'admit',
    'arrive',
    'call-again',
    'chat',
    'end',
    'guests',
    'heartbeat',
    'join',
    'note',
    'orders',
    'phone',
    'quality',
    'recordings',
    'return',
    'stills',
  ].join('|')})(?=[/?]|$)`,
);

/** A guest in a call: everything she may ask is of that call. */
const ofGuest = /^\/api\/visit-guest(?=[/?]|$)/;

/** @param url path and query */
export const isVital = (url: string): boolean =>
  probes.has(url) || ofVisit.test(url) || ofGuest.test(url);
