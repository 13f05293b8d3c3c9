/** Finds a patient under care by name; the name travels in the body of the request. */
import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Patient } from '@medplum/fhirtypes';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { personName } from '../clinician/person-name.ts';
import { searchFhir } from '../kit/fhir.ts';
import { useReader } from '../shell/session.ts';

interface Props {
  value: string | undefined;
  onChange: (patient: string | undefined) => void;
  error?: string | false;
}

export function PatientSelect({ value, onChange, error }: Props) {
  const { t } = useTranslation('calendar');
  const { locale } = useReader();
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState<{ value: string; label: string }>();
  const [asked] = useDebouncedValue(words.trim(), 250);
  const found = useQuery({
    queryKey: ['calendar', 'patients', asked],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      searchFhir<Patient>(
        'Patient',
        { _count: '20', _sort: 'family', ...(asked && { name: asked }) },
        signal,
      ),
  });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const options = (found.data ?? []).map((one) => ({
    value: one.id!,
    label: [
      personName(one.name) || t('unnamed'),
      one.birthDate && day.format(new Date(one.birthDate)),
    ]
      .filter(Boolean)
      .join(' · '),
  }));
  // Whom she chose stays named while she types on.
  const data =
    chosen && !options.some((one) => one.value === chosen.value) ? [chosen, ...options] : options;
  return (
    <Select
      label={t('book.patient')}
      placeholder={t('book.patientHint')}
      searchable
      data={data}
      // The server found them; a second filter here would lose who is found by another name.
      filter={({ options: all }) => all}
      value={value ?? null}
      searchValue={words || (chosen?.value === value ? (chosen?.label ?? '') : '')}
      onSearchChange={(next) => setWords(next === chosen?.label ? '' : next)}
      onChange={(next, option) => {
        setChosen(next ? option : undefined);
        setWords('');
        onChange(next ?? undefined);
      }}
      nothingFoundMessage={found.isPending ? t('book.searching') : t('book.nobody')}
      error={error || (found.isError && t('book.searchFailed'))}
      data-testid="book-patient"
    />
  );
}
