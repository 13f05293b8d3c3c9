/** Is the trail whole? When it was last signed outside the database, and when somebody last looked through it. */
import { IconShieldCheck, IconShieldExclamation } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { relative } from '../kit/time.ts';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import classes from './oversight.module.css';
import { standingQuery } from './queries.ts';

export function Standing() {
  const { t } = useTranslation('oversight');
  const { locale } = useReader();
  const now = useNow(30_000);
  const { data } = useQuery(standingQuery);
  if (!data) return null;
  const { checkpoint, verified } = data;
  const bad = (verified?.faults ?? 0) > 0;
  const Icon = bad ? IconShieldExclamation : IconShieldCheck;
  return (
    <p className={classes.standing} data-bad={bad || undefined} role={bad ? 'alert' : 'status'}>
      <Icon size={22} stroke={1.8} aria-hidden="true" />
      <span>
        {checkpoint
          ? t('standing.signed', { when: relative(checkpoint.at, now, locale) })
          : t('standing.unsigned')}{' '}
        {verified
          ? t(bad ? 'standing.bad' : 'standing.whole', {
              when: relative(verified.ended, now, locale),
              count: bad ? verified.faults : verified.events,
            })
          : t('standing.never')}
      </span>
    </p>
  );
}
