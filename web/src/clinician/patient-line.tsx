/** Age, sex and birth date in one line: enough to be sure whom one speaks with. */
import { useTranslation } from 'react-i18next';
import { shortDate } from '../kit/time.ts';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import { ageOf } from './age.ts';
import classes from './home.module.css';

interface Props {
  patient: { birthDate?: string | undefined; gender?: string | undefined };
}

export function PatientLine({ patient }: Props) {
  const { t, i18n } = useTranslation('clinician');
  const { locale } = useReader();
  const now = useNow(3_600_000);
  const { birthDate, gender } = patient;
  const age = birthDate ? ageOf(birthDate, now) : undefined;
  const words = [
    age && t(`age.${age.unit}`, { count: age.count }),
    gender && i18n.exists(`clinician:gender.${gender}`) && t(`gender.${gender}` as 'gender.other'),
    birthDate?.length === 10 &&
      t('born', { date: shortDate(`${birthDate}T12:00:00Z`, 'UTC', locale) }),
  ].filter(Boolean);
  return <p className={classes.soft}>{words.join(' · ')}</p>;
}
