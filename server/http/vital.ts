/** What is let in when others are not: probes, and what a visit under way needs to go on. */

const probes = new Set(['/healthz', '/readyz']);

/** Of one visit: joining it, its heartbeat, its note, its end. Not lists, not bookings, not the record. */
const ofVisit = /^\/api\/visits\/[^/?]+\/[a-z]/;

/** @param url path and query */
export const isVital = (url: string): boolean => probes.has(url) || ofVisit.test(url);
