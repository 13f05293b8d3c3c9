/** One dependant: who, and what she is to her. */
import { Button, Group, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DependantInput, Relation } from '@afar/enrolment/contract';
import { emptyPerson, faultsOf } from './draft.ts';
import { PersonFields } from './person-fields.tsx';
import classes from './register.module.css';
import { today } from './today.ts';

interface Props {
  /** Most families share it. */
  family: string;
  majority: number;
  pending?: boolean;
  onAdd: (dependant: DependantInput) => void;
  onCancel: () => void;
}

const relations: readonly Relation[] = ['child', 'parent', 'other'];

export function DependantForm({ family, majority, pending = false, onAdd, onCancel }: Props) {
  const { t } = useTranslation('register');
  const [tried, setTried] = useState(false);
  const [one, setOne] = useState<DependantInput>({ ...emptyPerson, family, relation: 'child' });
  const faults = faultsOf(one, majority, today());
  return (
    <form
      className={classes.add}
      noValidate
      aria-label={t('family.add')}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setTried(true);
        if (faults.length === 0) onAdd(one);
      }}
    >
      <SegmentedControl
        fullWidth
        aria-label={t('family.relation')}
        value={one.relation}
        onChange={(value) => setOne({ ...one, relation: value as Relation })}
        data={relations.map((value) => ({ value, label: t(`family.relations.${value}`) }))}
      />
      <PersonFields
        own={false}
        person={one}
        majority={majority}
        faults={tried ? faults : []}
        onChange={setOne}
      />
      <Group>
        <Button type="submit" loading={pending}>
          {t('family.keep')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t('family.cancel')}
        </Button>
      </Group>
    </form>
  );
}
