/** The minutes that are left, counted down; said aloud only as they become few. */
import { VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './emergency.module.css';

const minute = 60_000;

export function Left({ ends, now }: { ends: string; now: number }) {
  const { t } = useTranslation('emergency');
  const left = Math.max(0, Date.parse(ends) - now);
  const minutes = Math.ceil(left / minute);
  const words =
    left < minute
      ? t('summary.last', { seconds: Math.ceil(left / 1_000) })
      : t('summary.left', { minutes });
  return (
    <>
      <span className={classes.left} data-few={left < 5 * minute || undefined} aria-hidden="true">
        {words}
      </span>
      <VisuallyHidden role="status">
        {minutes <= 5 || minutes % 10 === 0 ? t('summary.left', { minutes }) : ''}
      </VisuallyHidden>
    </>
  );
}
