/** Says on every page that the clinic is locked down, since when, and what still works. */
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { When } from '../kit/when.tsx';
import classes from './frame.module.css';
import { lockdownBannerQuery } from './lockdown.ts';

export function LockdownBanner() {
  const { t } = useTranslation('lockdown');
  const { data } = useQuery(lockdownBannerQuery);
  return (
    <div role="status" className={classes.live}>
      {data?.mode && data.since !== undefined && (
        <p className={classes.locked} data-testid="lockdown-banner">
          <IconLock size={20} aria-hidden="true" />
          <span>
            {t(`banner.${data.mode}`)} <When at={data.since} />. {t(`bannerText.${data.mode}`)}
          </span>
        </p>
      )}
    </div>
  );
}
