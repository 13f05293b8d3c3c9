/** Until when she may change or cancel at no consequence: told before she does. */
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';
import { toMs } from '../kit/time.ts';
import { Notice } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';

export function PolicyLine({ visit, now }: { visit: AppointmentView; now: number }) {
  const { t } = useTranslation('booking');
  if (!visit.freeUntil) return <p>{t('policy.always')}</p>;
  if (now > toMs(visit.freeUntil))
    return (
      <Notice tone="warm" title={t('policy.late')}>
        {t('policy.lateText')}
      </Notice>
    );
  return (
    <p>
      {t('policy.until')} <When at={visit.freeUntil} />
    </p>
  );
}
