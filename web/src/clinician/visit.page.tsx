/** A visit at work: the chart, and beside it the picture, the note and the orders. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { visitQuery } from '../patient/queries.ts';
import { VisitDesk } from './visit-desk.tsx';

export function VisitPage() {
  const { t } = useTranslation('clinician');
  const { visitId } = useParams({ from: '/clinician/visits/$visitId' });
  const visit = useQuery({ ...visitQuery(visitId), refetchInterval: 5_000 });
  if (visit.data) return <VisitDesk visit={visit.data} />;
  return (
    <Page title={t('visit.title')} back={{ to: '/clinician', label: t('visit.back') }}>
      {visit.isError ? (
        <Trouble error={visit.error} retry={() => void visit.refetch()} />
      ) : (
        <Pending rows={2} height={220} />
      )}
    </Page>
  );
}
