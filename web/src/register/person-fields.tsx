/** A person's fields: the same for herself and for a dependant, each with its own fault beside it. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PersonInput, Sex } from '@afar/enrolment/contract';
import type { PersonFault } from './draft.ts';
import classes from './register.module.css';

interface Props<P extends PersonInput> {
  person: P;
  faults: readonly PersonFault[];
  majority: number;
  /** Fills in what the browser knows of its owner. */
  own: boolean;
  onChange: (person: P) => void;
}

const sexes: readonly Sex[] = ['female', 'male', 'other', 'unknown'];

export function PersonFields<P extends PersonInput>({
  person,
  faults,
  majority,
  own,
  onChange,
}: Props<P>) {
  const { t } = useTranslation('register');
  const birth = (['birthDate', 'young', 'grown'] as const).find((one) => faults.includes(one));
  return (
    <>
      <div className={classes.pair}>
        <TextInput
          label={t('person.given')}
          size="md"
          autoComplete={own ? 'given-name' : 'off'}
          maxLength={80}
          value={person.given}
          onChange={(event) => onChange({ ...person, given: event.currentTarget.value })}
          error={faults.includes('given') && t('person.needName')}
        />
        <TextInput
          label={t('person.family')}
          size="md"
          autoComplete={own ? 'family-name' : 'off'}
          maxLength={80}
          value={person.family}
          onChange={(event) => onChange({ ...person, family: event.currentTarget.value })}
          error={faults.includes('family') && t('person.needName')}
        />
      </div>
      <div className={classes.pair}>
        <TextInput
          label={t('person.birthDate')}
          size="md"
          type="date"
          min="1890-01-01"
          autoComplete={own ? 'bday' : 'off'}
          value={person.birthDate}
          onChange={(event) => onChange({ ...person, birthDate: event.currentTarget.value })}
          error={birth && t(`person.wrong.${birth}`, { age: majority })}
        />
        <NativeSelect
          label={t('person.sex')}
          size="md"
          value={person.sex}
          data={sexes.map((value) => ({ value, label: t(`person.sexes.${value}`) }))}
          onChange={(event) => onChange({ ...person, sex: event.currentTarget.value as Sex })}
          error={faults.includes('sex') && t('person.needSex')}
        />
      </div>
    </>
  );
}
