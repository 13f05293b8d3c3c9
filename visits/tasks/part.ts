/** The endpoints of tasks: given in a visit, listed and done from `/api/tasks`. */
import { Refusal } from '@afar/fhir';
import type { Task } from '@afar/fhir';
import { requireAdmitted, requireCarer, type Ask } from '../checks.ts';
import type { Endpoints } from '../endpoint.ts';
import type { House } from '../house.ts';
import { deedOf, once } from '../idempotency.ts';
import type { Part } from '../parts.ts';
import { giveTask, listTasks, markTask, readOwner, readTask, reassign, seeTask } from './tasks.ts';

const working = ['practitioner', 'trainee', 'nurse'];

/** Who gives and does tasks: patients their own, staff who care for people. */
function requireTaskRole({ caller }: Ask): void {
  if (caller.role !== 'patient' && !working.includes(caller.role)) throw new Refusal('forbidden');
}

function requireStaff({ caller }: Ask): void {
  if (!working.includes(caller.role)) throw new Refusal('forbidden');
}

export function tasksPart(house: House): Part {
  const onTask = (
    on: Endpoints,
    what: string,
    check: (ask: Ask) => void,
    act: (ask: Ask, task: Task) => Promise<unknown>,
  ): void =>
    on.signedIn(
      'POST',
      `/tasks/:task/${what}`,
      { action: `task-${what}`, verb: 'U' },
      [check],
      async (ask) => {
        const { task: id } = ask.req.params as { task?: string };
        ask.req.evidence.type = 'Task';
        const task = await seeTask(house, ask.caller, id);
        ask.req.evidence.rid = task.id!;
        const patient = task.for?.reference?.split('/')[1];
        if (patient) ask.req.evidence.patients.push(patient);
        return act(ask, task);
      },
    );
  return {
    routes(on) {
      on.onVisit(
        'POST',
        '/visits/:id/tasks',
        { action: 'task', verb: 'C' },
        [requireCarer, requireAdmitted],
        async ({ caller, row, req, reply }) => {
          const deed = await deedOf(house, req, caller);
          const task = readTask(req.body);
          const work = () => giveTask(house, caller, row, task, deed);
          const { answer } = await once(house, caller, deed, work);
          void reply.code(201);
          return answer;
        },
      );
      on.signedIn(
        'GET',
        '/tasks',
        { action: 'tasks', verb: 'R' },
        [requireTaskRole],
        async ({ caller, req }) => {
          req.evidence.type = 'Task';
          const { list, patients } = await listTasks(
            house,
            caller,
            req.query as Record<string, unknown>,
          );
          req.evidence.patients.push(...patients);
          return list;
        },
      );
      onTask(on, 'done', requireTaskRole, ({ caller }, task) =>
        markTask(house, caller, task, 'done'),
      );
      onTask(on, 'reopen', requireTaskRole, ({ caller }, task) =>
        markTask(house, caller, task, 'open'),
      );
      onTask(on, 'reassign', requireStaff, ({ caller, req }, task) =>
        reassign(house, caller, task, readOwner(req.body)),
      );
    },
  };
}
