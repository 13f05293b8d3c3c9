/** The endpoints of results: `/api/results` for those who answer, `/api/my-results` for patients; and what watches over them. */
import { Refusal } from '@afar/fhir';
import { requirePractitioner, type Ask } from '../checks.ts';
import type { Endpoints } from '../endpoint.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { isUuid } from '../scheduling/rule.ts';
import { acknowledge, passTo, readAcknowledge, readTo, seeRow } from './acknowledge.ts';
import { awayOf, endAway, putAway, readAway } from './away.ts';
import { countFor, inboxOf } from './inbox.ts';
import { myResults } from './my-results.ts';
import { unanswered } from './office.ts';
import { readResult, recordResult, seeOrder } from './record-result.ts';
import { answeringFor } from './responsible.ts';
import { findResult, type ResultRow } from './rows.ts';
import { putSettings, readSettings, settingsOf } from './settings.ts';
import { createWatch, type Watch } from './watch.ts';

function requireAdministrator({ caller }: Ask): void {
  if (caller.role !== 'administrator') throw new Refusal('forbidden');
}

function requirePatientRole({ caller }: Ask): void {
  if (caller.role !== 'patient') throw new Refusal('forbidden');
}

function requireWriter({ caller }: Ask): void {
  if (caller.role !== 'practitioner' && caller.role !== 'trainee') throw new Refusal('forbidden');
}

function requireEither({ caller }: Ask): void {
  if (caller.role !== 'administrator' && caller.role !== 'practitioner')
    throw new Refusal('forbidden');
}

export type ResultsPart = Part & { watch: Watch };

export function resultsPart(house: House): ResultsPart {
  const watch = createWatch(house);

  /** A row of the caller's inbox: seen through the record store first. */
  const onRow = (
    on: Endpoints,
    method: 'GET' | 'POST',
    what: string,
    act: (ask: Ask, row: ResultRow) => Promise<unknown>,
  ): void =>
    on.signedIn(
      method,
      `/results/:result/${what}`,
      { action: `result-${what}`, verb: method === 'GET' ? 'R' : 'E' },
      [requirePractitioner],
      async (ask) => {
        const { result } = ask.req.params as { result?: string };
        const row = await seeRow(house, ask.caller, result);
        ask.req.evidence.type = row.type;
        ask.req.evidence.rid = row.rid;
        ask.req.evidence.patients.push(row.patient);
        return act(ask, row);
      },
    );

  return {
    watch,
    start: () => watch.start(),
    stop: () => watch.stop(),
    routes(on) {
      on.signedIn(
        'GET',
        '/results',
        { action: 'results', verb: 'R' },
        [requirePractitioner],
        async ({ caller, req }) => {
          const { inbox, patients } = await inboxOf(house, caller);
          req.evidence.type = 'DiagnosticReport';
          req.evidence.patients.push(...patients);
          return inbox;
        },
      );
      on.signedIn(
        'GET',
        '/results/count',
        { action: 'results-count', verb: 'R' },
        [requirePractitioner],
        ({ caller }) => countFor(house, caller),
      );
      onRow(on, 'POST', 'acknowledge', async ({ caller, req, reply }, row) => {
        await acknowledge(house, caller, row, readAcknowledge(req.body));
        return reply.code(204).send();
      });
      onRow(on, 'POST', 'pass', async ({ req, reply }, row) => {
        await passTo(house, row, readTo(req.body));
        return reply.code(204).send();
      });
      onRow(on, 'GET', 'colleagues', async ({ caller }, row) => {
        const found = await answeringFor(house, caller.tenant, row.patient);
        return found
          .filter((one) => one.id !== caller.fhirUser?.id)
          .map(({ id, name }) => ({ id, name }));
      });

      const away = { action: 'away', verb: 'U' } as const;
      on.signedIn(
        'GET',
        '/results/away',
        { ...away, verb: 'R' },
        [requirePractitioner],
        async (ask) => {
          const found = await awayOf(house, ask.caller);
          return found ?? ask.reply.code(204).send();
        },
      );
      on.signedIn(
        'PUT',
        '/results/away',
        away,
        [requirePractitioner],
        async ({ caller, req, reply }) => {
          await putAway(house, caller, readAway(req.body));
          return (await awayOf(house, caller)) ?? reply.code(204).send();
        },
      );
      on.signedIn(
        'DELETE',
        '/results/away',
        away,
        [requirePractitioner],
        async ({ caller, reply }) => {
          await endAway(house, caller);
          return reply.code(204).send();
        },
      );

      on.signedIn(
        'GET',
        '/results/settings',
        { action: 'result-settings', verb: 'R' },
        [requireEither],
        ({ caller }) => settingsOf(house.db, caller.tenant),
      );
      on.signedIn(
        'PUT',
        '/results/settings',
        { action: 'set-result-settings', verb: 'U' },
        [requireAdministrator],
        async ({ caller, req }) => {
          const settings = readSettings(req.body);
          await putSettings(house.db, caller.tenant, settings);
          return settings;
        },
      );
      on.signedIn(
        'GET',
        '/results/unanswered',
        { action: 'results-unanswered', verb: 'R' },
        [requireAdministrator],
        ({ caller }) => unanswered(house, caller),
      );
      on.signedIn(
        'POST',
        '/results/:result/assign',
        { action: 'result-assign', verb: 'E' },
        [requireAdministrator],
        async ({ caller, req, reply }) => {
          const { result } = req.params as { result?: string };
          const row = isUuid(result)
            ? await findResult(house.db, caller.tenant, result)
            : undefined;
          // Before it went on it is its clinician's alone.
          if (!row || row.state !== 'waiting' || row.rung === 0) throw new Refusal('not-found');
          req.evidence.patients.push(row.patient);
          await passTo(house, row, readTo(req.body));
          return reply.code(204).send();
        },
      );

      on.signedIn(
        'POST',
        '/orders/:order/result',
        { action: 'record-result', verb: 'C' },
        [requireWriter],
        async ({ caller, req, reply }) => {
          const { order } = req.params as { order?: string };
          const request = await seeOrder(house, caller, order);
          req.evidence.type = 'ServiceRequest';
          req.evidence.rid = request.id!;
          req.evidence.patients.push(request.subject.reference!.split('/')[1]!);
          const made = await recordResult(house, caller, request, readResult(req.body));
          void reply.code(201);
          return made;
        },
      );
      on.signedIn(
        'GET',
        '/my-results',
        { action: 'my-results', verb: 'R' },
        [requirePatientRole],
        async ({ caller, req }) => {
          const { patient } = req.query as { patient?: unknown };
          const found = await myResults(house, caller, patient);
          req.evidence.type = 'DiagnosticReport';
          req.evidence.patients.push(found.patient);
          return found.mine;
        },
      );
    },
  };
}
