/** Enters a licence, as its paper says: a clinician hers, the office anybody's. */
import { Button, MultiSelect, Stack, TextInput } from '@mantine/core';
import { countries, regions } from '@afar/fhir';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Licence } from '@afar/access/contract';
import { asApiError } from './api.ts';
import { useLicences } from './licences.ts';
import { placeName } from './place-name.ts';
import { Trouble } from './trouble.tsx';
import { useReader } from '../shell/session.ts';

/** Regions where licences are given by region, else whole countries. */
const codes = countries.flatMap((country) =>
  regions[country]
    ? Object.keys(regions[country]).map((region) => `${country}-${region}`)
    : country,
);

export function LicenceForm({
  account,
  onDone,
}: {
  account?: string;
  onDone: (licence: Licence) => void;
}) {
  const { t } = useTranslation('licences');
  const { locale } = useReader();
  const { submit } = useLicences();
  const [words, setWords] = useState({ number: '', authority: '', profession: '', lastDay: '' });
  const [jurisdictions, setJurisdictions] = useState<string[]>([]);
  const places = useMemo(
    () =>
      codes
        .map((value) => ({ value, label: placeName(value, locale) }))
        .toSorted((a, b) => a.label.localeCompare(b.label, locale)),
    [locale],
  );
  const faulty = new Set(
    (submit.error ? asApiError(submit.error).issues : []).flatMap((one) => one.expression ?? []),
  );
  const field = (name: keyof typeof words) => ({
    label: t(`form.${name}`),
    required: true,
    withAsterisk: false,
    value: words[name],
    error: faulty.has(name) && t('form.look'),
    onChange: (event: { currentTarget: { value: string } }) =>
      setWords({ ...words, [name]: event.currentTarget.value }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit.mutate(
          { ...words, jurisdictions, ...(account && { account }) },
          { onSuccess: onDone },
        );
      }}
    >
      <Stack gap="md">
        <TextInput {...field('number')} maxLength={100} />
        <TextInput {...field('authority')} maxLength={200} />
        <TextInput
          {...field('profession')}
          maxLength={100}
          description={t('form.professionHint')}
        />
        <MultiSelect
          label={t('form.jurisdictions')}
          description={t('form.jurisdictionsHint')}
          data={places}
          searchable
          maxValues={60}
          limit={80}
          value={jurisdictions}
          onChange={setJurisdictions}
          error={faulty.has('jurisdictions') && t('form.look')}
        />
        <TextInput {...field('lastDay')} type="date" />
        {submit.error && <Trouble error={submit.error} kept />}
        <Button type="submit" loading={submit.isPending} disabled={jurisdictions.length === 0}>
          {t('form.submit')}
        </Button>
      </Stack>
    </form>
  );
}
