/** After the visit: thanks, and the summary as soon as it is signed. */
import type { VisitView } from '@afar/visits/contract';
import { useTranslation } from 'react-i18next';
import { Page } from '../../kit/page.tsx';
import { AfterVisit } from '../after-visit.tsx';
import { useKeptFocus } from '../../kit/use-kept-focus.ts';
import { Summary } from '../summary.tsx';

export function AfterCall({ visit }: { visit: VisitView }) {
  const { t } = useTranslation('patient');
  useKeptFocus();
  return (
    <div data-testid="after-call">
      <Page
        title={t('room.overTitle')}
        lead={t('room.overLead')}
        back={{ to: '/patient', label: t('visit.back') }}
      >
        <Summary visit={visit} />
        <AfterVisit visitId={visit.id} />
      </Page>
    </div>
  );
}
