/** On every page of a clinician: the word that she is there goes to the clinic, and it is said when it was lost. */
import { useTranslation } from 'react-i18next';
import { usePresenceWord, useDuty } from './duty-state.ts';
import classes from './on-demand.module.css';

export function PresenceWord() {
  const { t } = useTranslation('now');
  const { lost } = usePresenceWord();
  const duty = useDuty();
  // Who is not on duty is offered nobody: nothing she need know.
  return lost && duty === 'on' ? (
    <p className={classes.lost} role="status">
      {t('duty.failed')}
    </p>
  ) : null;
}
