/** Everybody's visits in one list, by person: her own and those of whom she stands for. */
import { Button } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending, Section } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useMe } from '../shell/session.ts';
import { upcomingQuery } from './queries.ts';
import { useSubject } from './subject.ts';
import { VisitRow } from './visit-row.tsx';

export function FamilyVisitsPage() {
  const { t } = useTranslation(['booking', 'family']);
  const me = useMe();
  const navigate = useNavigate();
  const { dependants, choose } = useSubject();
  const people = [
    ...(me.fhirUser?.type === 'Patient'
      ? [{ patient: me.fhirUser.id, name: me.name, chosen: undefined }]
      : []),
    ...dependants.map(({ patient, name }) => ({ patient, name, chosen: patient })),
  ];
  const lists = useQueries({ queries: people.map((one) => upcomingQuery(one.patient)) });
  return (
    <Page
      title={t('family.title')}
      lead={t('family.lead')}
      back={{ to: '/patient/family', label: t('family:title') }}
    >
      {people.map(({ patient, name, chosen }, index) => {
        const list = lists[index]!;
        const visits = list.data?.appointments ?? [];
        return (
          <Section
            key={patient}
            title={name}
            actions={
              <Button
                variant="subtle"
                onClick={() => {
                  choose(chosen);
                  void navigate({ to: '/patient/book' });
                }}
              >
                {t('family.book')}
              </Button>
            }
          >
            {list.isPending && <Pending rows={1} />}
            {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
            {list.isSuccess && visits.length === 0 && <Empty text={t('family.none')} />}
            {visits.map((visit) => (
              <VisitRow key={visit.id} visit={visit} />
            ))}
          </Section>
        );
      })}
    </Page>
  );
}
