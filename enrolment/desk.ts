/** The front desk: charts that may be somebody's second one, and what staff decide after they saw the person. */
import { systemCaller, type Caller } from '@afar/access';
import { Refusal, type Bundle, type Patient, type RelatedPerson, type Task } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import { accountSystem, duplicateCode, taskSystem } from './charts.ts';
import type { Candidate, Decision, DeskPerson } from './contract.ts';
import type { House } from './house.ts';
import { nameOf } from './names.ts';

/** One look of the desk; the next ones come when these are decided. */
const page = 50;

const idIn = (reference: string | undefined): string | undefined =>
  /^Patient\/([0-9a-f-]{36})$/.exec(reference ?? '')?.[1];

const chartsIn = (task: Task): string[] =>
  (task.input ?? []).flatMap((one) => idIn(one.valueReference?.reference) ?? []);

const resources = <T>(bundle: Bundle, type: string): T[] =>
  (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === type ? [resource as T] : [],
  );

/** `n…@mail.example`, `…200`: enough to ask for the rest. */
function hint(patient: Patient): string | undefined {
  const value = patient.telecom?.find((one) => one.value)?.value;
  if (!value) return undefined;
  const at = value.indexOf('@');
  return at > 0 ? `${value.slice(0, 1)}…${value.slice(at)}` : `…${value.slice(-3)}`;
}

async function deskPerson(
  house: House,
  caller: Caller,
  id: string,
): Promise<DeskPerson | undefined> {
  const { access, records } = house;
  const { resource: patient } = await records.read<Patient>(caller, 'Patient', id);
  if (patient.active === false) return undefined;
  const contact = hint(patient);
  const { updated: since } = await records.vread(caller, 'Patient', id, 1);
  return {
    patient: id,
    name: nameOf(patient),
    ...(patient.birthDate && { birthDate: patient.birthDate }),
    ...(patient.gender && { sex: patient.gender }),
    ...(contact && { contact }),
    hasAccount: Boolean(await access.accounts.byFhirUser(caller.tenant, { type: 'Patient', id })),
    since,
  };
}

const proxiesOf = async (
  { records }: House,
  caller: Caller,
  patient: string,
): Promise<RelatedPerson[]> =>
  resources<RelatedPerson>(
    await records.search(caller, 'RelatedPerson', [['patient', patient]]),
    'RelatedPerson',
  ).filter((one) => accountOf(one) !== undefined && one.active !== false);

const accountOf = (related: RelatedPerson): string | undefined =>
  related.identifier?.find((one) => one.system === accountSystem)?.value;

/** What waits for the desk. @returns also whose data it shows, for the trail */
export async function candidates(
  house: House,
  tenant: number,
): Promise<{ candidates: Candidate[]; patients: string[] }> {
  const system = systemCaller(tenant, house.clock, 'desk');
  const bundle = await house.records.search(system, 'Task', [
    ['code', `${taskSystem}|${duplicateCode}`],
    ['status', 'requested'],
    ['_count', String(page)],
  ]);
  const found: Candidate[] = [];
  for (const task of resources<Task>(bundle, 'Task')) {
    const own = idIn(task.for?.reference);
    const registered = own && (await deskPerson(house, system, own));
    const charts = await Promise.all(chartsIn(task).map((id) => deskPerson(house, system, id)));
    if (!registered) continue;
    found.push({
      task: task.id!,
      asked: Date.parse(task.authoredOn ?? ''),
      registered: {
        ...registered,
        dependant: (await proxiesOf(house, system, registered.patient)).length > 0,
      },
      charts: charts.filter((one) => one !== undefined),
    });
  }
  const patients = found.flatMap((one) => [one.registered, ...one.charts].map((it) => it.patient));
  return { candidates: found, patients: [...new Set(patients)] };
}

/** Her account opens the chart that was there; what she was given since stays readable to her. */
async function moveAccount(house: House, tx: RecordTx, tenant: number, from: string, to: string) {
  const { accounts } = house.access;
  const account = await accounts.byFhirUser(tenant, { type: 'Patient', id: from });
  if (!account) return;
  await accounts.change(tenant, account.id, { fhirUser: { type: 'Patient', id: to } }, tx.sql);
}

/** Whoever stands for the dependant stands for the chart that was there, for as long and as the same. */
async function moveProxies(house: House, tx: RecordTx, tenant: number, from: string, to: string) {
  const bundle = await tx.search('RelatedPerson', [['patient', from]]);
  for (const related of resources<RelatedPerson>(bundle, 'RelatedPerson')) {
    const account = accountOf(related);
    if (!account || related.active === false) continue;
    const { id, meta: _meta, ...rest } = related;
    const moved = await tx.create<RelatedPerson>({
      ...rest,
      patient: { reference: `Patient/${to}` },
    });
    await house.access.accounts.change(
      tenant,
      account,
      ({ personal: { proxies = [] } }) => ({
        personal: {
          // The new chart stays open through its own RelatedPerson: what was booked there is hers to see.
          proxies: proxies.flatMap((one) =>
            one.related === id ? [{ ...one, related: moved.rid, patient: to }, one] : [one],
          ),
        },
      }),
      tx.sql,
    );
  }
}

async function join(house: House, tx: RecordTx, tenant: number, from: string, to: string) {
  // Neither an account nor whoever stands for a dependant comes into a chart that its owner opens herself.
  if (await house.access.accounts.byFhirUser(tenant, { type: 'Patient', id: to }))
    throw new Refusal('conflict', { diagnostics: 'this chart has an account of its own' });
  const { resource: second, version } = await tx.read<Patient>('Patient', from);
  const { resource: first, version: known } = await tx.read<Patient>('Patient', to);
  await moveAccount(house, tx, tenant, from, to);
  await moveProxies(house, tx, tenant, from, to);
  // [FHIR R4 patient.html#links] the chart that is left points to the one in use, and back.
  await tx.update(
    {
      ...second,
      active: false,
      link: [
        ...(second.link ?? []),
        { other: { reference: `Patient/${to}` }, type: 'replaced-by' },
      ],
    },
    { ifMatch: version },
  );
  await tx.update(
    {
      ...first,
      link: [...(first.link ?? []), { other: { reference: `Patient/${from}` }, type: 'replaces' }],
    },
    { ifMatch: known },
  );
  const now = house.clock.now();
  await tx.grants.give([
    {
      principal: to,
      patient: from,
      class: 'chart',
      purpose: 'PATRQT',
      source: `Task/merge/${from}`,
      starts: now - 1000,
      ends: forever,
    },
  ]);
}

/** 9999-12-31. */
const forever = 253_402_214_400_000;

/**
 * Decides a candidate, once.
 * @returns the patients it was about
 * @throws Refusal `not-found`, `conflict` (decided already, or the chart has an account), `invalid`
 */
export async function decide(
  house: House,
  caller: Caller,
  id: string,
  decision: Decision,
): Promise<string[]> {
  const { tenant } = caller;
  const system = systemCaller(tenant, house.clock, 'desk');
  return house.records.write(system, async (tx) => {
    const { resource: task, version } = await tx.read<Task>('Task', id);
    const own = idIn(task.for?.reference);
    if (!own || !task.code?.coding?.some((one) => one.code === duplicateCode))
      throw new Refusal('not-found');
    if (task.status !== 'requested') throw new Refusal('conflict');
    const charts = chartsIn(task);
    if (decision.decision === 'same') {
      if (!charts.includes(decision.patient))
        throw new Refusal('invalid', {
          diagnostics: 'not one of its charts',
          expression: ['patient'],
        });
      await join(house, tx, tenant, own, decision.patient);
    }
    await tx.update<Task>(
      {
        ...task,
        status: decision.decision === 'same' ? 'completed' : 'rejected',
        // Who decided: an account, for the trail beside the trail.
        note: [{ text: `account ${caller.id}`, time: new Date(house.clock.now()).toISOString() }],
      },
      { ifMatch: version },
    );
    return [own, ...charts];
  });
}
