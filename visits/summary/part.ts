/** The endpoints of the summary: what the patient takes home, as a page and as a file. */
import { Readable } from 'node:stream';
import { Refusal } from '@afar/fhir';
import type { Patient } from '@afar/fhir';
import { requireVisitor, type VisitAsk } from '../checks.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { readIfSeen } from '../people.ts';
import { fault, isZone, refuseFaults } from '../scheduling/rule.ts';
import { summaryOf } from './summary.ts';
import { languageOf, nearestLanguage, type SummaryLanguage } from './words.ts';

/** What was asked for; else what her record says; else, for herself, what her account is set to; else English. */
async function languageFor(house: House, { caller, row, req }: VisitAsk): Promise<SummaryLanguage> {
  const { lang } = req.query as { lang?: unknown };
  if (lang !== undefined) {
    const asked = typeof lang === 'string' ? nearestLanguage(lang) : undefined;
    if (!asked) refuseFaults([fault('lang', 'en, es or ar')]);
    return asked!;
  }
  const patient = await readIfSeen<Patient>(house, caller, 'Patient', row.patient);
  const own = caller.role === 'patient' ? nearestLanguage(caller.locale) : undefined;
  return languageOf(patient) ?? own ?? 'en';
}

export function summaryPart(house: House): Part {
  return {
    routes(on) {
      on.onVisit(
        'GET',
        '/visits/:id/summary',
        { action: 'summary', verb: 'R' },
        [requireVisitor],
        async ({ caller, row, appointment }) => summaryOf(house, caller, row, appointment),
      );

      on.onVisit(
        'GET',
        '/visits/:id/summary.pdf',
        { action: 'summary-file', verb: 'R' },
        [requireVisitor],
        async (ask) => {
          const { caller, row, appointment, reply } = ask;
          const language = await languageFor(house, ask);
          const summary = await summaryOf(house, caller, row, appointment);
          if (summary.status === 'pending')
            throw new Refusal('conflict', { diagnostics: 'the note is not signed yet' });
          const own = caller.role === 'patient' && isZone(caller.zone) ? caller.zone : undefined;
          // What sets pages and fonts is loaded by the first who wants a document.
          const { renderSummary } = await import('./render.ts');
          const file = renderSummary(summary, {
            language,
            zone: own ?? summary.zone,
            made: house.clock.now(),
          });
          return (
            reply
              .header('content-type', 'application/pdf')
              // Its name says nothing of whose it is.
              .header('content-disposition', 'attachment; filename="visit-summary.pdf"')
              .header('content-language', language)
              .header('cache-control', 'no-store')
              .header('x-content-type-options', 'nosniff')
              .send(Readable.from(file))
          );
        },
      );
    },
  };
}
