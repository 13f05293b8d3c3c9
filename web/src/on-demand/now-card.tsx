/** On the patient's first page: that somebody is on duty, how long it may take, and the way in. Nothing when nobody is. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './on-demand.module.css';
import { nowQuery } from './queries.ts';

export function NowCard() {
  const { t } = useTranslation('now');
  const { t: common } = useTranslation();
  const { data } = useQuery(nowQuery);
  if (!data?.open || data.onDuty === 0) return null;
  return (
    <section className={classes.card} aria-labelledby="now-card">
      <div>
        <h2 id="now-card" className={classes.cardTitle}>
          {t('card.title')}
        </h2>
        <p className={classes.soft}>
          {t('card.onDuty', { count: data.onDuty })}{' '}
          {data.waitMinutes === undefined
            ? t('card.waitUnknown')
            : t('card.wait', {
                minutes: common('minutes', { count: Math.max(1, data.waitMinutes) }),
              })}
        </p>
      </div>
      <Button component={Link} to="/patient/now" variant="light" data-testid="be-seen-now">
        {t('card.go')}
      </Button>
    </section>
  );
}
