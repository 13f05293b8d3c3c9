/** A pharmacist's list: signed prescriptions that were presented to her, and nothing else of any chart. */
import { Badge } from '@mantine/core';
import type { MedicationRequest } from '@afar/fhir';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { conceptText, searchFhir } from '../kit/fhir.ts';
import { Page, Pending, Section } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { HandOut } from './hand-out.tsx';
import classes from './home.module.css';
import { PresentForm } from './present-form.tsx';

export function Prescriptions() {
  const { t } = useTranslation('cosign');
  const found = useQuery({
    queryKey: ['prescriptions'],
    queryFn: ({ signal }) =>
      searchFhir<MedicationRequest>(
        'MedicationRequest',
        { _sort: '-authoredon', _count: '100' },
        signal,
      ),
  });
  return (
    <Page title={t('rx.title')} lead={t('rx.lead')}>
      <Section title={t('rx.present')}>
        <PresentForm />
      </Section>
      <Section title={t('rx.list')}>
        {found.isPending && <Pending rows={3} height={64} />}
        {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
        {found.data?.length === 0 && <Empty text={t('rx.none')} />}
        <ul className={classes.agenda}>
          {found.data?.map((one) => (
            <li key={one.id} className={classes.row}>
              <div className={classes.rowWho}>
                <strong>{conceptText(one.medicationCodeableConcept)}</strong>
                <span className={classes.soft}>{one.dosageInstruction?.[0]?.text}</span>
                <span className={classes.soft}>{one.subject?.display}</span>
              </div>
              <Badge color={one.status === 'active' ? 'lagoon' : 'gray'}>
                {t(`rx.state.${one.status}`, { defaultValue: one.status })}
              </Badge>
              <HandOut id={one.id!} name={conceptText(one.medicationCodeableConcept)} />
            </li>
          ))}
        </ul>
      </Section>
    </Page>
  );
}
