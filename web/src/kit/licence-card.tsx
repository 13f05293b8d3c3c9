/** One licence: what it says, how it stands, and what may be done about it. */
import { Badge, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Licence, LicenceState } from '@afar/access/contract';
import { useReader } from '../shell/session.ts';
import classes from './licence-card.module.css';
import { placeName } from './place-name.ts';

const colors: Record<LicenceState, string> = {
  submitted: 'ember',
  verified: 'moss',
  rejected: 'brick',
  suspended: 'brick',
  expired: 'gray',
};

export function LicenceCard({ licence, children }: { licence: Licence; children?: ReactNode }) {
  const { t } = useTranslation('licences');
  const { locale } = useReader();
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return (
    <li className={classes.card} data-testid="licence">
      <div className={classes.head}>
        <p className={classes.title}>{licence.name ?? licence.profession}</p>
        <Badge color={colors[licence.state]}>{t(`state.${licence.state}`)}</Badge>
      </div>
      <dl className={classes.facts}>
        <dt>{t('form.number')}</dt>
        <dd>
          {licence.number}
          {licence.name && ` · ${licence.profession}`}
        </dd>
        <dt>{t('form.authority')}</dt>
        <dd>{licence.authority}</dd>
        <dt>{t('form.jurisdictions')}</dt>
        <dd>{licence.jurisdictions.map((code) => placeName(code, locale)).join('; ')}</dd>
        <dt>{t('form.lastDay')}</dt>
        <dd>{day.format(new Date(`${licence.lastDay}T00:00:00Z`))}</dd>
        {licence.reason && (
          <>
            <dt>{t('reason')}</dt>
            <dd>{licence.reason}</dd>
          </>
        )}
      </dl>
      {children && <Group gap="sm">{children}</Group>}
    </li>
  );
}
