/** Choosing a person or an organisation of the clinic by name; the name travels in the body, never in an address. */
import { Radio, TextInput, Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Pending } from '../../kit/page.tsx';
import { Trouble } from '../../kit/trouble.tsx';
import { someoneQuery, type Someone } from './queries.ts';
import classes from './consents.module.css';

interface Props {
  value: Someone | undefined;
  onChange: (value: Someone | undefined) => void;
  error?: string | undefined;
}

export function PersonPicker({ value, onChange, error }: Props) {
  const { t } = useTranslation('consents');
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words.trim(), 250);
  const found = useQuery(someoneQuery(asked));
  if (value)
    return (
      <div className={classes.chosen} data-testid="chosen-person">
        <span>
          <b>{value.name}</b>
          <small>{t(`form.${value.kind}`)}</small>
        </span>
        <Button variant="subtle" size="compact-md" onClick={() => onChange(undefined)}>
          {t('form.change')}
        </Button>
      </div>
    );
  return (
    <div>
      <TextInput
        label={t('form.search')}
        description={t('form.searchHint')}
        type="search"
        autoComplete="off"
        data-autofocus
        value={words}
        error={error}
        onChange={(event) => setWords(event.currentTarget.value)}
        leftSection={<IconSearch size={18} aria-hidden="true" />}
      />
      {found.isLoading && <Pending rows={2} height={44} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <p className={classes.soft}>{t('form.none')}</p>}
      {found.data && found.data.length > 0 && (
        <Radio.Group
          label={t('form.who')}
          mt="sm"
          value=""
          onChange={(reference) => onChange(found.data.find((one) => one.reference === reference))}
        >
          {found.data.map((one) => (
            <Radio
              key={one.reference}
              value={one.reference}
              label={one.name}
              description={t(`form.${one.kind}`)}
              className={classes.option}
              data-testid="someone"
            />
          ))}
        </Radio.Group>
      )}
    </div>
  );
}
