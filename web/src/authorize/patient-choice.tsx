/** Whose record an app may see: her own or that of somebody she acts for; a clinician finds a patient of hers by name. */
import { Radio, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconSearch } from '@tabler/icons-react';
import type { Patient } from '@medplum/fhirtypes';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kit/api.ts';
import { searchFhir } from '../kit/fhir.ts';
import { Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useMe, useReader } from '../shell/session.ts';
import classes from './authorize.module.css';

/** A person's name as it is spoken: the official one, else the first. */
function nameOf({ name }: Patient): string {
  const one = name?.find((other) => other.use === 'official') ?? name?.[0];
  return one?.text ?? [...(one?.given ?? []), one?.family].filter(Boolean).join(' ');
}

function useBirth(): (patient: Patient) => string | undefined {
  const { locale } = useReader();
  return ({ birthDate }) =>
    birthDate &&
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(
      new Date(birthDate),
    );
}

interface Props {
  chosen: string | undefined;
  onChoose: (patient: string | undefined) => void;
}

export function PatientChoice({ chosen, onChoose }: Props) {
  const { t } = useTranslation('authorize');
  const { role } = useMe();
  const birth = useBirth();
  const staff = role !== 'patient';
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words.trim(), 250);
  const found = useQuery({
    queryKey: ['authorize', 'patients', asked],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      searchFhir<Patient>(
        'Patient',
        { _count: staff ? '8' : '30', _sort: 'family', ...(asked && { name: asked }) },
        signal,
      ),
  });
  const list = found.data ?? [];
  const only = !staff && list.length === 1 ? list[0]!.id : undefined;
  useEffect(() => {
    if (only && chosen !== only) onChoose(only);
  }, [only, chosen, onChoose]);

  return (
    <section className={classes.part} aria-labelledby="whose">
      <h2 id="whose" className={classes.heading}>
        {t('whose.title')}
      </h2>
      {staff && (
        <TextInput
          label={t('whose.search')}
          type="search"
          autoComplete="off"
          mb="sm"
          value={words}
          onChange={(event) => {
            setWords(event.currentTarget.value);
            onChoose(undefined);
          }}
          leftSection={<IconSearch size={18} aria-hidden="true" />}
        />
      )}
      {found.isPending && <Pending rows={2} height={56} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && list.length === 0 && <Notice tone="warm" title={t('whose.nobody')} />}
      {list.length > 0 && (
        <Radio.Group value={chosen ?? null} onChange={onChoose} aria-label={t('whose.title')}>
          <Stack gap="xs">
            {list.map((patient) => (
              <Radio
                key={patient.id}
                value={patient.id!}
                className={classes.choice!}
                label={nameOf(patient) || t('whose.unnamed')}
                description={birth(patient)}
                size="md"
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </section>
  );
}

/** The patient of the chart it was opened from. */
export function LaunchedPatient({ patient }: { patient: string }) {
  const { t } = useTranslation('authorize');
  const birth = useBirth();
  const found = useQuery({
    queryKey: ['authorize', 'patient', patient],
    queryFn: ({ signal }) => api.get<Patient>(`/fhir/R4/Patient/${patient}`, { signal }),
  });
  return (
    <section className={classes.part} aria-labelledby="whose">
      <h2 id="whose" className={classes.heading}>
        {t('whose.launched')}
      </h2>
      {found.isPending && <Pending rows={1} height={48} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <Text fw={600}>
          {nameOf(found.data) || t('whose.unnamed')}
          {birth(found.data) && (
            <Text span c="dimmed" fw={400}>
              {' '}
              · {birth(found.data)}
            </Text>
          )}
        </Text>
      )}
    </section>
  );
}
