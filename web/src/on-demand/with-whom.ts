/** Whom a visit is with, in words: a name, or whoever is free. */
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';

export function useWithWhom(): (visit: Pick<AppointmentView, 'clinician' | 'onDemand'>) => string {
  const { t } = useTranslation('now');
  return ({ clinician, onDemand }) => (onDemand === 'asked' ? t('anybody') : clinician.name);
}
