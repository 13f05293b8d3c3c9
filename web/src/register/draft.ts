/** What she has typed so far, in memory alone: a closed tab forgets it. */
import type {
  CodeAnswer,
  CodeRequest,
  DependantInput,
  InvitationKey,
  PersonInput,
} from '@afar/enrolment/contract';

export interface Draft {
  reached: CodeRequest | undefined;
  sent: CodeAnswer | undefined;
  proof: string | undefined;
  person: PersonInput;
  password: string;
  dependants: DependantInput[];
  invitation: InvitationKey | undefined;
  /** Of whoever was invited. */
  given: string | undefined;
}

export const emptyPerson: PersonInput = { given: '', family: '', birthDate: '', sex: 'unknown' };

export const emptyDraft: Draft = {
  reached: undefined,
  sent: undefined,
  proof: undefined,
  person: emptyPerson,
  password: '',
  dependants: [],
  invitation: undefined,
  given: undefined,
};

export type StepName = 'invitation' | 'address' | 'code' | 'you' | 'family';

/** The steps she sees, in order. */
export const stepsOf = (invited: boolean): StepName[] =>
  invited
    ? ['invitation', 'address', 'code', 'you', 'family']
    : ['address', 'code', 'you', 'family'];

const day = /^\d{4}-\d\d-\d\d$/;

/** True for who reached an age by a day, both as the calendar writes them. */
export const isOfAge = (birthDate: string, years: number, today: string): boolean =>
  `${Number(birthDate.slice(0, 4)) + years}${birthDate.slice(4)}` <= today;

export type PersonFault = 'given' | 'family' | 'birthDate' | 'sex' | 'young' | 'grown';

/** What is still missing of a person, before the server is asked. @param today `YYYY-MM-DD` */
export function faultsOf(
  person: PersonInput & { relation?: DependantInput['relation'] },
  majority: number,
  today: string,
): PersonFault[] {
  const faults: PersonFault[] = [];
  if (!person.given.trim()) faults.push('given');
  if (!person.family.trim()) faults.push('family');
  if (!day.test(person.birthDate) || person.birthDate > today || person.birthDate < '1890')
    faults.push('birthDate');
  else if (!person.relation && !isOfAge(person.birthDate, majority, today)) faults.push('young');
  else if (person.relation === 'child' && isOfAge(person.birthDate, majority, today))
    faults.push('grown');
  return faults;
}
