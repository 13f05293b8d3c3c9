/** Her clinician may not see her where she is; who may. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Clinician } from '@afar/visits/contract';
import { placeName } from '../kit/place-name.ts';
import { Notice } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';

interface Props {
  place: string;
  others: Clinician[] | undefined;
}

export function BorderNotice({ place, others = [] }: Props) {
  const { t } = useTranslation('patient');
  const { locale } = useReader();
  return (
    <Notice
      tone="warm"
      title={t('book.border', {
        place: placeName(place, locale),
        interpolation: { escapeValue: false },
      })}
    >
      {others.length > 0 ? t('book.borderOthers') : t('book.borderNobody')}
      {others.length > 0 && (
        <ul>
          {others.map((one) => (
            <li key={one.id}>
              <Link to="/patient/book/$clinicianId/{-$start}" params={{ clinicianId: one.id }}>
                {one.name}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
