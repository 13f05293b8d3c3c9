/** Before the waiting room, when nobody knows it: where she is now, and what follows when her clinician may not see her there. */
import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isWhere } from '@afar/fhir';
import type { VisitView } from '@afar/visits/contract';
import { Page } from '../../kit/page.tsx';
import { PlaceSelect } from '../../kit/place-select.tsx';
import { Trouble } from '../../kit/trouble.tsx';
import { BorderNotice } from '../border-notice.tsx';
import { licensedAt } from '../booking-place.tsx';
import { cliniciansQuery } from '../queries.ts';

interface Props {
  visit: VisitView;
  place: string | undefined;
  onPlace: (place: string | undefined) => void;
  /** The clinician may not see her where she said. */
  border: boolean;
  error: unknown;
  busy: boolean;
  onSay: (place: string) => void;
}

export function Where({ visit, place, onPlace, border, error, busy, onSay }: Props) {
  const { t } = useTranslation('patient');
  const [missing, setMissing] = useState(false);
  const { data } = useQuery({ ...cliniciansQuery, enabled: border });
  const others = border
    ? data?.clinicians.filter((one) => licensedAt(one, visit.mode, place))
    : undefined;
  const known = isWhere(place);
  return (
    <Page
      title={t('room.where')}
      lead={t('book.placeHint')}
      width="narrow"
      back={{
        to: '/patient/visits/$visitId',
        params: { visitId: visit.id },
        label: t('visit.title'),
      }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setMissing(!known);
          if (known) onSay(place);
        }}
      >
        <Stack>
          <PlaceSelect
            label={t('room.whereLabel')}
            value={place}
            onChange={onPlace}
            error={missing && !known && t('book.placeNeeded')}
          />
          {place && border && <BorderNotice place={place} others={others} />}
          {error !== undefined && <Trouble error={error} kept />}
          <Button type="submit" size="lg" loading={busy} data-testid="say-place">
            {t('room.whereGo')}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}
