/** What the clinic keeps about her health: conditions, medicines, allergies, results, vaccinations. */
import { Badge, Button } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type {
  AllergyIntolerance,
  Condition,
  Immunization,
  MedicationRequest,
  Observation,
} from '@medplum/fhirtypes';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { conceptText, searchFhir } from '../kit/fhir.ts';
import { Page, Pending } from '../kit/page.tsx';
import { shortDate } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import { resultValue } from '../kit/observation.ts';
import classes from './record.module.css';
import { useSubject } from './subject.ts';

type Part = 'Conditions' | 'Medicines' | 'Allergies' | 'Results' | 'Immunizations';

function usePart<T extends { resourceType: string }>(
  type: T['resourceType'],
  more: Record<string, string> = {},
) {
  const { patient } = useSubject();
  return useQuery({
    queryKey: ['record', type, patient],
    queryFn: ({ signal }) => searchFhir<T>(type, { patient, _count: '50', ...more }, signal),
  });
}

interface CardProps<T> {
  part: Part;
  query: { data?: T[] | undefined; isPending: boolean; error: unknown; refetch: () => unknown };
  line: (item: T) => ReactNode;
  wide?: boolean;
}

function Card<T extends { id?: string | undefined }>({ part, query, line, wide }: CardProps<T>) {
  const { t } = useTranslation('patient');
  const key = part.toLowerCase() as Lowercase<Part>;
  return (
    <section className={classes.card} data-wide={wide} aria-labelledby={`record-${key}`}>
      <h2 id={`record-${key}`} className={classes.title}>
        {t(`record.${key}`)}
      </h2>
      {query.isPending && <Pending rows={2} height={44} />}
      {query.error ? <Trouble error={query.error} retry={() => void query.refetch()} /> : null}
      {query.data?.length === 0 && <p className={classes.soft}>{t(`record.empty${part}`)}</p>}
      <ul className={classes.list}>
        {query.data?.map((item, index) => (
          <li key={item.id ?? index}>{line(item)}</li>
        ))}
      </ul>
    </section>
  );
}

export function RecordPage() {
  const { t } = useTranslation('patient');
  const { t: readers } = useTranslation('readers');
  const { zone, locale } = useReader();
  const date = (value: string | undefined): string =>
    value
      ? shortDate(
          value.length === 10 ? `${value}T12:00:00Z` : value,
          value.length === 10 ? 'UTC' : zone,
          locale,
        )
      : '';
  const conditions = usePart<Condition>('Condition');
  const medicines = usePart<MedicationRequest>('MedicationRequest', { status: 'active' });
  const allergies = usePart<AllergyIntolerance>('AllergyIntolerance');
  const results = usePart<Observation>('Observation', { _sort: '-date', _count: '100' });
  const vaccines = usePart<Immunization>('Immunization');

  return (
    <Page
      title={t('record.title')}
      lead={t('record.lead')}
      actions={
        <Button
          component={Link}
          to="/patient/record/readers"
          variant="default"
          leftSection={<IconEye size={20} aria-hidden="true" />}
        >
          {readers('link')}
        </Button>
      }
    >
      <div className={classes.grid}>
        <Card
          part="Conditions"
          query={{ ...conditions, data: conditions.data && sortedConditions(conditions.data) }}
          line={(item) => (
            <>
              <span>
                <b>{conceptText(item.code)}</b>
                {item.onsetDateTime && (
                  <small>{t('record.since', { date: date(item.onsetDateTime) })}</small>
                )}
              </span>
              <Badge color={isActive(item) ? 'lagoon' : 'gray'}>
                {t(isActive(item) ? 'record.active' : 'record.resolved')}
              </Badge>
            </>
          )}
        />
        <Card
          part="Medicines"
          query={medicines}
          line={(item) => (
            <span>
              <b>{conceptText(item.medicationCodeableConcept)}</b>
              <small>
                <bdi>{item.dosageInstruction?.[0]?.text}</bdi>
              </small>
            </span>
          )}
        />
        <Card
          part="Allergies"
          query={allergies}
          line={(item) => (
            <>
              <span>
                <b>{conceptText(item.code)}</b>
                <small>
                  {item.reaction?.flatMap((one) => one.manifestation.map(conceptText)).join(', ')}
                </small>
              </span>
              {item.criticality === 'high' && <Badge color="ember">{t('record.high')}</Badge>}
            </>
          )}
        />
        <Card
          part="Immunizations"
          query={vaccines}
          line={(item) => (
            <span>
              <b>{conceptText(item.vaccineCode)}</b>
              <small>{date(item.occurrenceDateTime)}</small>
            </span>
          )}
        />
        <Card
          part="Results"
          wide
          query={{ ...results, data: results.data && latest(results.data) }}
          line={(item) => (
            <>
              <span>
                <b>{conceptText(item.code)}</b>
                <small>{date(item.effectiveDateTime)}</small>
              </span>
              <bdi className={`afar-figures ${classes.value}`}>{resultValue(item, locale)}</bdi>
            </>
          )}
        />
      </div>
    </Page>
  );
}

const isActive = (item: Condition): boolean =>
  ['active', 'recurrence', 'relapse'].includes(item.clinicalStatus?.coding?.[0]?.code ?? '');

/** The newest result of each kind; they come newest first. */
function latest(items: Observation[]): Observation[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const kind = item.code.coding?.[0]?.code ?? conceptText(item.code);
    return seen.size !== seen.add(kind).size;
  });
}

const sortedConditions = (items: Condition[]): Condition[] =>
  items.toSorted(
    (one, other) =>
      Number(isActive(other)) - Number(isActive(one)) ||
      (other.onsetDateTime ?? '').localeCompare(one.onsetDateTime ?? ''),
  );
