/** Asks where somebody is: the country, and the region where licences are given by region. */
import { Select, Stack } from '@mantine/core';
import { countries, regions } from '@afar/fhir';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useReader } from '../shell/session.ts';
import { countryName } from './place-name.ts';

interface Props {
  label: string;
  description?: string;
  /** `ES`, `US`, `US-NY`. */
  value: string | undefined;
  onChange: (place: string | undefined) => void;
  error?: string | false | undefined;
}

export function PlaceSelect({ label, description, value, onChange, error }: Props) {
  const { t } = useTranslation();
  const { locale } = useReader();
  const [country, region] = value?.split('-') ?? [];
  const all = useMemo(
    () =>
      countries
        .map((code) => ({ value: code, label: countryName(code, locale) }))
        .toSorted((a, b) => a.label.localeCompare(b.label, locale)),
    [locale],
  );
  const parts = country ? regions[country] : undefined;
  return (
    <Stack gap="xs">
      <Select
        label={label}
        description={description}
        data={all}
        searchable
        value={country ?? null}
        nothingFoundMessage={t('place.none')}
        error={!parts && error}
        data-testid="country"
        onChange={(next) => onChange(next ?? undefined)}
      />
      {parts && (
        <Select
          label={t('place.region')}
          data={Object.entries(parts).map(([code, name]) => ({ value: code, label: name }))}
          searchable
          value={region ?? null}
          nothingFoundMessage={t('place.none')}
          error={error}
          data-testid="region"
          onChange={(next) => onChange(next ? `${country}-${next}` : country)}
        />
      )}
    </Stack>
  );
}
