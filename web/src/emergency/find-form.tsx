/** Finding the person: a number that is scanned or typed, or name and date of birth; nothing of it in an address. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconScan, IconSearch } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmergencyFind } from '@afar/sharing/contract';
import { Empty } from '../kit/empty.tsx';
import { Section } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import type { Person } from './find.page.tsx';
import { findPerson } from './queries.ts';
import classes from './emergency.module.css';

const sexes = new Set(['female', 'male', 'other', 'unknown']);

export function FindForm({ onChosen }: { onChosen: (person: Person) => void }) {
  const { t } = useTranslation('emergency');
  const [way, setWay] = useState<'number' | 'name'>('number');
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const [birthDate, setBirthDate] = useState('');
  const [tried, setTried] = useState(false);
  const find = useMutation({ mutationFn: (asked: EmergencyFind) => findPerson(asked) });
  const byNumber = way === 'number';
  const ready = byNumber ? number.trim().length >= 2 : name.trim().length >= 2 && birthDate !== '';
  return (
    <Section title={t('find.title')}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (ready)
            find.mutate(
              byNumber ? { identifier: number.trim() } : { name: name.trim(), birthDate },
            );
        }}
      >
        <SegmentedControl
          size="md"
          fullWidth
          aria-label={t('find.title')}
          value={way}
          onChange={(value) => {
            setWay(value as 'number' | 'name');
            setTried(false);
          }}
          data={[
            { value: 'number', label: t('find.byNumber') },
            { value: 'name', label: t('find.byName') },
          ]}
        />
        {byNumber ? (
          <TextInput
            size="lg"
            label={t('find.number')}
            description={t('find.numberHint')}
            autoComplete="off"
            autoFocus
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
            error={tried && !ready ? t('find.short') : undefined}
            leftSection={<IconScan size={22} aria-hidden="true" />}
          />
        ) : (
          <>
            <TextInput
              size="lg"
              label={t('find.name')}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={tried && name.trim().length < 2 ? t('find.short') : undefined}
            />
            <TextInput
              size="lg"
              type="date"
              label={t('find.birthDate')}
              value={birthDate}
              onChange={(event) => setBirthDate(event.currentTarget.value)}
              error={tried && birthDate === '' ? t('find.incomplete') : undefined}
            />
          </>
        )}
        <Button
          type="submit"
          size="lg"
          loading={find.isPending}
          leftSection={<IconSearch size={20} aria-hidden="true" />}
        >
          {t('find.search')}
        </Button>
      </form>
      <div className={classes.found} aria-live="polite">
        {find.isError && <Trouble error={find.error} />}
        {find.data?.patients.length === 0 && <Empty text={t('find.none')} />}
        {find.data?.patients.map((person) => (
          <button
            key={person.id}
            type="button"
            className={classes.person}
            onClick={() => onChosen(person)}
            data-testid="found-person"
          >
            <b>{person.name}</b>
            <span>
              {[
                person.birthYear && t('find.born', { year: person.birthYear }),
                sexes.has(person.sex ?? '') && t(`sex.${person.sex as 'female'}`),
              ]
                .filter(Boolean)
                .join(', ')}
            </span>
            <span className={classes.choose}>{t('find.choose')}</span>
          </button>
        ))}
        {find.data?.more && <Notice title={t('find.more')} />}
      </div>
    </Section>
  );
}
