/** Problems and medicines: what is active first, what is past folded away. */
import { Badge, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Condition, MedicationRequest } from '@medplum/fhirtypes';
import { conceptText } from '../kit/fhir.ts';
import { Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import classes from './chart.module.css';
import type { Chart } from './chart-data.ts';
import { FhirDate } from './fhir-date.tsx';

interface Query<T> {
  data?: T[] | undefined;
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

interface ListProps<T> {
  title: string;
  query: Query<T>;
  active: (item: T) => boolean;
  empty: string;
  past: (count: number) => string;
  line: (item: T) => ReactNode;
}

function FoldedList<T extends { id?: string | undefined }>(props: ListProps<T>) {
  const { title, query, active, empty, past, line } = props;
  const [all, { toggle }] = useDisclosure(false);
  const items = query.data ?? [];
  const now = items.filter(active);
  const before = items.filter((item) => !active(item));
  return (
    <section className={classes.card}>
      <h2 className={classes.cardTitle}>{title}</h2>
      {query.isPending && <Pending rows={3} height={40} />}
      {query.isError && <Trouble error={query.error} retry={() => void query.refetch()} />}
      {query.data && now.length === 0 && <p className={classes.soft}>{empty}</p>}
      <ul className={classes.lines}>
        {[...now, ...(all ? before : [])].map((item, at) => (
          <li key={item.id ?? at} data-past={!active(item) || undefined}>
            {line(item)}
          </li>
        ))}
      </ul>
      {before.length > 0 && (
        <Button
          variant="subtle"
          size="compact-md"
          className={classes.unfold!}
          onClick={toggle}
          aria-expanded={all}
        >
          {past(before.length)}
        </Button>
      )}
    </section>
  );
}

const status = (condition: Condition): string => condition.clinicalStatus?.coding?.[0]?.code ?? '';

export function ProblemList({ conditions }: { conditions: Chart['conditions'] }) {
  const { t } = useTranslation('clinician');
  return (
    <FoldedList<Condition>
      title={t('problems.title')}
      query={conditions}
      active={(one) => !['resolved', 'inactive', 'remission'].includes(status(one))}
      empty={t('problems.none')}
      past={(count) => t('problems.past', { count })}
      line={(one) => (
        <>
          <b>{conceptText(one.code)}</b>
          <FhirDate value={one.onsetDateTime} />
        </>
      )}
    />
  );
}

export function MedicineList({ medicines }: { medicines: Chart['medicines'] }) {
  const { t } = useTranslation('clinician');
  return (
    <FoldedList<MedicationRequest>
      title={t('medicines.title')}
      query={medicines}
      active={(one) => one.status === 'active' || one.status === 'on-hold'}
      empty={t('medicines.none')}
      past={(count) => t('medicines.past', { count })}
      line={(one) => (
        <>
          <span>
            <b>{conceptText(one.medicationCodeableConcept)}</b>
            {one.status === 'on-hold' && <Badge color="ember">{t('medicines.hold')}</Badge>}
            <small>
              <bdi>{one.dosageInstruction?.[0]?.text}</bdi>
            </small>
          </span>
          <FhirDate value={one.authoredOn} />
        </>
      )}
    />
  );
}
