/** The endpoints of templates: `/api/templates`, and what their fields stand for in a visit's chart. */
import { Refusal } from '@afar/fhir';
import { requireCarer, type Ask } from '../checks.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { readTemplate } from './body.ts';
import { chartFieldsOf } from './chart-fields.ts';
import { addTemplate, changeTemplate, listTemplates, removeTemplate } from './templates.ts';

/** Who writes notes; administrators write the clinic's templates. */
function requireWriter({ caller }: Ask): void {
  if (!['practitioner', 'trainee', 'nurse', 'administrator'].includes(caller.role))
    throw new Refusal('forbidden');
}

const idOf = ({ req }: Ask): string | undefined => (req.params as { template?: string }).template;

export function templatesPart(house: House): Part {
  return {
    routes(on) {
      const trail = (verb: 'C' | 'R' | 'U', action = 'template') => ({ action, verb });
      on.signedIn('GET', '/templates', trail('R', 'templates'), [requireWriter], ({ caller }) =>
        listTemplates(house, caller),
      );
      on.signedIn(
        'POST',
        '/templates',
        trail('C'),
        [requireWriter],
        async ({ caller, req, reply }) => {
          const made = await addTemplate(house, caller, readTemplate(req.body));
          void reply.code(201);
          return made;
        },
      );
      on.signedIn('PUT', '/templates/:template', trail('U'), [requireWriter], (ask) =>
        changeTemplate(house, ask.caller, idOf(ask), readTemplate(ask.req.body)),
      );
      on.signedIn('DELETE', '/templates/:template', trail('U'), [requireWriter], async (ask) => {
        await removeTemplate(house, ask.caller, idOf(ask));
        return ask.reply.code(204).send();
      });
      on.onVisit(
        'GET',
        '/visits/:id/chart-fields',
        { action: 'chart-fields', verb: 'R' },
        [requireCarer],
        async ({ caller, row, appointment, reply }) => {
          void reply.header('cache-control', 'no-store');
          return chartFieldsOf(house, caller, row, appointment);
        },
      );
    },
  };
}
