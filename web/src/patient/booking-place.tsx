/** Where she will be at the visit, and whether the clinician may see her there. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { reaches } from '@afar/fhir';
import type { Clinician, VisitMode } from '@afar/visits/contract';
import { PlaceSelect } from '../kit/place-select.tsx';
import { BorderNotice } from './border-notice.tsx';
import { cliniciansQuery } from './queries.ts';

const mayAt = ({ jurisdictions }: Clinician, place: string): boolean =>
  !jurisdictions || jurisdictions.some((code) => reaches(code, place));

/** In person the patient is where the clinic is. */
export const licensedAt = (clinician: Clinician, mode: VisitMode, place: string | undefined) =>
  mode === 'in-person' || place === undefined || mayAt(clinician, place);

interface Props {
  clinician: Clinician;
  mode: VisitMode;
  place: string | undefined;
  onChange: (place: string | undefined) => void;
  error: string | false;
}

export function BookingPlace({ clinician, mode, place, onChange, error }: Props) {
  const { t } = useTranslation('patient');
  const { data } = useQuery(cliniciansQuery);
  const allowed = licensedAt(clinician, mode, place);
  const others = place && !allowed ? data?.clinicians.filter((one) => mayAt(one, place)) : [];
  if (mode === 'in-person') return null;
  return (
    <>
      <PlaceSelect
        label={t('book.place')}
        description={t('book.placeHint')}
        value={place}
        onChange={onChange}
        error={error}
      />
      {place && !allowed && <BorderNotice place={place} others={others} />}
    </>
  );
}
