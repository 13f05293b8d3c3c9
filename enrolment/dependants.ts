/** The dependants of an account: whom she stands for, another one, and the end of it. */
import { actsFor, systemCaller, type Caller } from '@afar/access';
import { Refusal, type Patient, type RelatedPerson } from '@afar/fhir';
import { relationOf } from './charts.ts';
import type { Dependant, DependantInput } from './contract.ts';
import { enrolDependant } from './enrol.ts';
import type { House } from './house.ts';
import { nameOf } from './names.ts';
import { mostDependants } from './person.ts';

async function seen(
  { records }: House,
  caller: Caller,
  { related, patient, ends }: { related: string; patient: string; ends?: number },
): Promise<Dependant | undefined> {
  try {
    // As herself: where the relation has ended, the store shows her nothing, and neither do we.
    const chart = await records.read<Patient>(caller, 'Patient', patient);
    const relation = await records.read<RelatedPerson>(caller, 'RelatedPerson', related);
    const { birthDate } = chart.resource;
    return {
      related,
      patient,
      name: nameOf(chart.resource),
      ...(birthDate && { birthDate }),
      relation: relationOf(relation.resource),
      ...(ends !== undefined && { ends }),
    };
  } catch (error) {
    if (error instanceof Refusal && [403, 404, 410].includes(error.status)) return undefined;
    throw error;
  }
}

/** Whom she stands for now. */
export async function dependantsOf(house: House, caller: Caller): Promise<Dependant[]> {
  const all = await Promise.all((caller.proxies ?? []).map((one) => seen(house, caller, one)));
  return all.filter((one) => one !== undefined);
}

/** @throws Refusal `business-rule` when there are too many */
export async function addDependant(
  house: House,
  caller: Caller,
  dependant: DependantInput,
): Promise<Dependant> {
  const { access, clock, majority, records } = house;
  const { tenant, id: account, locale } = caller;
  const own = await access.accounts.get(tenant, account);
  if (!own) throw new Refusal('not-found');
  const system = systemCaller(tenant, clock, 'dependant');
  const link = await records.write(system, async (tx) => {
    const by = { account, name: own.personal.name };
    const making = { now: clock.now(), locale, made: [] };
    const made = await enrolDependant(tx, dependant, by, majority, making);
    await access.accounts.change(
      tenant,
      account,
      ({ personal: { proxies = [] } }) => {
        if (proxies.length >= mostDependants)
          throw new Refusal('business-rule', {
            diagnostics: `at most ${mostDependants} dependants`,
          });
        return { personal: { proxies: [...proxies, made] } };
      },
      tx.sql,
    );
    return made;
  });
  const { given, family, birthDate, relation } = dependant;
  return { ...link, name: `${given} ${family}`, birthDate, relation };
}

/**
 * She stands for this dependant no longer: the RelatedPerson is over (its grant goes with it), and so is the link.
 * @throws Refusal `not-found` for what is not hers
 */
export async function endDependant(house: House, caller: Caller, related: string): Promise<string> {
  const link = caller.proxies?.find((one) => one.related === related);
  if (!link || !actsFor(caller, link.patient)) throw new Refusal('not-found');
  const { access, clock, records } = house;
  const system = systemCaller(caller.tenant, clock, 'dependant-end');
  await records.write(system, async (tx) => {
    const { resource, version } = await tx.read<RelatedPerson>('RelatedPerson', related);
    const end = new Date(clock.now()).toISOString().slice(0, 10);
    await tx.update(
      { ...resource, active: false, period: { ...resource.period, end } },
      { ifMatch: version },
    );
    await access.accounts.change(
      caller.tenant,
      caller.id,
      ({ personal: { proxies = [] } }) => ({
        personal: { proxies: proxies.filter((one) => one.related !== related) },
      }),
      tx.sql,
    );
  });
  return link.patient;
}
