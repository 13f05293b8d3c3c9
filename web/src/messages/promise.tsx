/** What this is not for, with the number to call; and when an answer is promised. */
import { Anchor } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { emergencyNumber } from '../kit/emergency.ts';
import { Notice } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import { settingsQuery } from './queries.ts';

export function NotForEmergencies() {
  const { t } = useTranslation('messages');
  const { zone } = useReader();
  const { data } = useQuery(settingsQuery);
  const number = emergencyNumber(zone);
  return (
    <Notice tone="warm" title={t('emergency.title')} icon={IconPhone}>
      {t('emergency.text')}{' '}
      <Anchor href={`tel:${number}`} inherit fw={650} data-testid="emergency-number">
        {t('emergency.call', { number })}
      </Anchor>
      {data && <p>{promiseText(t, data.hours)}</p>}
    </Notice>
  );
}

/** "We answer within 2 days." */
function promiseText(t: ReturnType<typeof useTranslation<'messages'>>['t'], hours: number): string {
  return hours >= 48 && hours % 24 === 0
    ? t('promise.days', { count: hours / 24 })
    : t('promise.hours', { count: hours });
}
