/** In an emergency: who is it, and why; what is open already stands on top. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmergencyFound } from '@afar/sharing/contract';
import { Page, Section } from '../kit/page.tsx';
import { clockTime } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import { FindForm } from './find-form.tsx';
import { openNowQuery } from './queries.ts';
import { ReasonForm } from './reason-form.tsx';
import classes from './emergency.module.css';

export type Person = EmergencyFound['patients'][number];

export function FindPage() {
  const { t } = useTranslation('emergency');
  const navigate = useNavigate();
  const [person, setPerson] = useState<Person>();
  return (
    <Page title={t('title')} lead={t('lead')} width="narrow">
      <OpenNow />
      {person ? (
        <ReasonForm
          person={person}
          onBack={() => setPerson(undefined)}
          onOpened={({ id }) =>
            void navigate({ to: '/emergency/$glassId', params: { glassId: id } })
          }
        />
      ) : (
        <FindForm onChosen={setPerson} />
      )}
    </Page>
  );
}

/** Records this person has open by an emergency. */
function OpenNow() {
  const { t } = useTranslation('emergency');
  const { zone, locale } = useReader();
  const open = useQuery(openNowQuery);
  if (!open.data?.open.length) return null;
  return (
    <Section title={t('open')}>
      <div className={classes.openNow}>
        {open.data.open.map(({ id, ends }) => (
          <Button
            key={id}
            size="lg"
            color="ember"
            variant="light"
            renderRoot={(props) => (
              <Link to="/emergency/$glassId" params={{ glassId: id }} {...props} />
            )}
          >
            {t('summary.ends', { time: clockTime(ends, zone, locale) })}
          </Button>
        ))}
      </div>
    </Section>
  );
}
