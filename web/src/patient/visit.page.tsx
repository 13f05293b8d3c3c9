/** One visit of the patient: before it, its steps; after it, its summary. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { PlannedVisit } from './planned-visit.tsx';
import { visitQuery } from './queries.ts';
import { SurveyCard } from '../survey/survey-card.tsx';
import { AfterVisit } from './after-visit.tsx';
import { Summary } from './summary.tsx';

export function VisitPage() {
  const { t } = useTranslation(['patient', 'booking']);
  const { visitId } = useParams({ from: '/patient/visits/$visitId' });
  const visit = useQuery({ ...visitQuery(visitId), refetchInterval: 30_000 });
  const state = visit.data?.state;
  const over = state === 'ended';
  return (
    <Page
      title={t(over ? 'summary.title' : 'visit.title')}
      back={{ to: '/patient', label: t('visit.back') }}
    >
      {visit.isPending && <Pending rows={2} height={160} />}
      {visit.isError && <Trouble error={visit.error} retry={() => void visit.refetch()} />}
      {visit.data && (state === 'cancelled' || state === 'no-show') && (
        <Notice
          title={t(state === 'cancelled' ? 'visit.cancelled' : 'room.missed')}
          action={
            <Button component={Link} to="/patient/book" variant="default">
              {t('visit.bookAgain')}
            </Button>
          }
        >
          {t(state === 'cancelled' ? 'visit.cancelledText' : 'room.missedText')}{' '}
          {visit.data.cancelled?.by === 'staff' && t('booking:cancel.byClinic')}
          {visit.data.cancelled?.late && t('booking:cancel.late')}
        </Notice>
      )}
      {visit.data && over && <SurveyCard visit={visitId} />}
      {visit.data && over && <Summary visit={visit.data} />}
      {visit.data && over && <AfterVisit visitId={visitId} />}
      {visit.data && !over && state !== 'cancelled' && state !== 'no-show' && (
        <PlannedVisit visit={visit.data} />
      )}
    </Page>
  );
}
