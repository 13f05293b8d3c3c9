/** What is let in when others are not is what a call under way needs, and nothing that costs much. */
import { expect, it } from 'vitest';
import { isVital } from './vital.ts';

const id = '0b0c1f0e-6f0c-4c52-9a53-0d2ad8a7c001';

it.each([
  '/healthz',
  '/readyz',
  `/api/visits/${id}/join`,
  `/api/visits/${id}/heartbeat`,
  `/api/visits/${id}/note/sign`,
  `/api/visits/${id}/end`,
  `/api/visits/${id}/chat?after=3`,
  `/api/visits/${id}/recordings/${id}/chunks/7`,
  '/api/visit-guest',
  '/api/visit-guest/join',
  '/api/visit-guest/chat?after=0',
])('%s is', (url) => expect(isVital(url)).toBe(true));

it.each([
  '/healthz/../fhir/R4/Patient',
  '/api/appointments',
  `/api/visits/${id}`,
  // A third of a second of a processor each: whoever asks for it in a loop must not crowd out calls.
  `/api/visits/${id}/summary.pdf`,
  `/api/visits/${id}/summary`,
  `/api/visits/${id}/chart-fields`,
  `/api/visits/${id}/survey`,
  `/api/visits/${id}/joined`,
  `/api/visits/${id}/anything`,
  '/api/visit-guest-book',
  '/api/visits?x=/api/visits/a/join',
])('%s is not', (url) => expect(isVital(url)).toBe(false));
