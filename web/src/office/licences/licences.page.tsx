/** Licences: what waits for a second person, what ends, and all of them. */
import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DecideLicenceRequest, Licence } from '@afar/access/contract';
import { Empty } from '../../kit/empty.tsx';
import { LicenceCard } from '../../kit/licence-card.tsx';
import classes from '../../kit/licence-card.module.css';
import { officeLicencesQuery, useLicences, type LicenceView } from '../../kit/licences.ts';
import { Page, Pending } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { OfficeTabs } from '../office-tabs.tsx';
import { ReasonDialog } from './reason-dialog.tsx';

type Decision = DecideLicenceRequest['decision'];

const open: Record<Licence['state'], Decision[]> = {
  submitted: ['verify', 'reject'],
  verified: ['suspend'],
  suspended: ['restore'],
  rejected: [],
  expired: [],
};
const needsReason = (decision: Decision): boolean =>
  decision === 'reject' || decision === 'suspend';

export function LicencesPage() {
  const { t } = useTranslation('licences');
  const [view, setView] = useState<LicenceView>('waiting');
  const [asking, setAsking] = useState<{ licence: Licence; decision: Decision }>();
  const list = useQuery(officeLicencesQuery(view));
  const { decide } = useLicences();
  const act = (licence: Licence, decision: Decision) =>
    needsReason(decision)
      ? setAsking({ licence, decision })
      : decide.mutate({ id: licence.id, decision });
  return (
    <Page title={t('office.title')} lead={t('office.lead')}>
      <OfficeTabs />
      <SegmentedControl
        mb="lg"
        aria-label={t('office.view')}
        value={view}
        onChange={(next) => setView(next as LicenceView)}
        data={(['waiting', 'ending', 'all'] as const).map((value) => ({
          value,
          label: t(`office.${value}`),
        }))}
      />
      {decide.error && <Trouble error={decide.error} />}
      {list.isPending && <Pending rows={3} height={140} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data?.length === 0 && <Empty text={t(`office.none.${view}`)} />}
      {list.data && list.data.length > 0 && (
        <ul className={classes.list}>
          {list.data.map((licence) => (
            <LicenceCard key={licence.id} licence={licence}>
              {licence.mine && licence.state === 'submitted' ? (
                <Notice title={t('office.second')}>{t('office.secondText')}</Notice>
              ) : (
                open[licence.state].map((decision) => (
                  <Button
                    key={decision}
                    size="sm"
                    variant={decision === 'verify' ? 'filled' : 'default'}
                    loading={decide.isPending && decide.variables.id === licence.id}
                    onClick={() => act(licence, decision)}
                    data-testid={`${decision}-licence`}
                  >
                    {t(`decide.${decision}`)}
                  </Button>
                ))
              )}
            </LicenceCard>
          ))}
        </ul>
      )}
      {asking && (
        <ReasonDialog
          title={t(`decide.${asking.decision}`)}
          onClose={() => setAsking(undefined)}
          onSay={(reason) => {
            decide.mutate({ id: asking.licence.id, decision: asking.decision, reason });
            setAsking(undefined);
          }}
        />
      )}
    </Page>
  );
}
