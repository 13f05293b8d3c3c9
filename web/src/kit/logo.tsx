/** The mark: an A that is a road to the horizon, with the sun where the bar would be. */
import { useTranslation } from 'react-i18next';
import classes from './logo.module.css';

/** The mark alone; decoration beside words. */
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" aria-hidden="true" className={classes.mark}>
      <path className={classes.road} d="M7.5 40.5 21.2 9.9a3.1 3.1 0 0 1 5.6 0L40.5 40.5" />
      <circle className={classes.sun} cx="24" cy="27.5" r="5" />
      <path className={classes.horizon} d="M17.4 40.5c1.9-1.7 4.2-2.6 6.6-2.6s4.7.9 6.6 2.6" />
    </svg>
  );
}

/** Mark and name, as the header and the sign-in page carry them. */
export function Wordmark({ size = 30 }: { size?: number }) {
  const { t } = useTranslation('shell');
  return (
    <span className={classes.word} title={t('tagline')}>
      <Mark size={size} />
      <span className={classes.name}>Afar</span>
    </span>
  );
}
