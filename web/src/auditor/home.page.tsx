/** The audit trail: activity, who and what stands out, and every event. Names of patients never come here. */
import { Button, Collapse, SegmentedControl, Switch } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFileCertificate, IconFilter, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditSearchRequest } from '@afar/access/contract';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import { Activity } from './activity.tsx';
import classes from './auditor.module.css';
import { EvidenceDialog } from './evidence-dialog.tsx';
import { Filters, isId, nothing } from './filters.tsx';
import { type Period, spanOf, summaryQuery } from './queries.ts';
import { Ranking } from './ranking.tsx';
import { Standing } from './standing.tsx';
import { Trail } from './trail.tsx';
import { useWords } from './words.ts';

/** Kinds of record that come up most; any other can be typed. */
const types = [
  'Patient',
  'Observation',
  'Condition',
  'MedicationRequest',
  'AllergyIntolerance',
  'Appointment',
  'Encounter',
  'DocumentReference',
  'AuditEvent',
  'BreakGlass',
];

export function HomePage() {
  const { t } = useTranslation('auditor');
  const words = useWords();
  const [period, setPeriod] = useState<Period>('day');
  const [asOf, setAsOf] = useState(() => Date.now());
  const { t: over } = useTranslation('oversight');
  const { who: asked } = useSearch({ strict: false });
  const [who, setWho] = useState<string | undefined>(asked);
  const [action, setAction] = useState<string>();
  const [more, setMore] = useState(nothing);
  const [live, setLive] = useState(false);
  const [open, { toggle }] = useDisclosure(false);
  const [evidence, { open: openEvidence, close: closeEvidence }] = useDisclosure(false);
  const filters = useId();
  const { from, to } = spanOf(period, asOf);
  const summary = useQuery(summaryQuery(from, to));
  const own = { from: Date.parse(more.from), to: Date.parse(more.to) };
  const span = { from: own.from || from, to: own.to || to };
  const patient = isId(more.patient) ? more.patient.trim().toLowerCase() : undefined;
  const type = more.type.trim();
  const filter: AuditSearchRequest = {
    ...span,
    ...(who && { who }),
    ...(action && { action }),
    ...(patient && { patient }),
    ...(type && { type }),
    ...(more.purpose && { purpose: more.purpose }),
    ...(more.verb && { verb: more.verb as 'R' }),
    ...(more.outcome && { outcome: Number(more.outcome) as 0 | 4 | 8 }),
  };
  const narrowed =
    who !== undefined || action !== undefined || Object.values(more).some((value) => value !== '');
  const clear = (): void => {
    setWho(undefined);
    setAction(undefined);
    setMore(nothing);
  };

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      width="wide"
      actions={
        <SegmentedControl
          aria-label={t('period.label')}
          value={period}
          onChange={(value) => {
            setPeriod(value as Period);
            setAsOf(Date.now());
          }}
          data={(['day', 'week', 'month'] as const).map((value) => ({
            value,
            label: t(`period.${value}`),
          }))}
        />
      }
    >
      <Standing />
      {summary.isPending && <Pending rows={1} height={280} />}
      {summary.isError && <Trouble error={summary.error} retry={() => void summary.refetch()} />}
      {summary.data && (
        <div className={classes.overview}>
          <section className={classes.card} data-wide>
            <dl className={classes.totals}>
              <Total name={t('total.events')} value={summary.data.total} />
              <Total name={t('total.refused')} value={summary.data.refused} tone="warm" />
              <Total name={t('total.failed')} value={summary.data.failed} tone="bad" />
              <Total name={t('total.emergency')} value={summary.data.emergency} tone="warm" />
              <Total name={t('total.people')} value={summary.data.who.length} />
            </dl>
            <Activity summary={summary.data} />
          </section>
          <Ranking
            title={t('byWho')}
            rows={summary.data.who.map((one) => ({
              key: one.id,
              label: words.person(one),
              detail: [
                words.role(one.role),
                t('patients', { count: one.patients }),
                ...(one.refused > 0 ? [t('refusedOf', { count: one.refused })] : []),
              ].join(' · '),
              count: one.count,
            }))}
            {...(who && { chosen: who })}
            onChoose={setWho}
          />
          <Ranking
            title={t('byAction')}
            rows={summary.data.actions.map((one) => ({
              key: one.action,
              label: words.action(one.action),
              count: one.count,
            }))}
            {...(action && { chosen: action })}
            onChoose={setAction}
          />
        </div>
      )}
      <div className={classes.trailHead}>
        <h2 className={classes.trailTitle}>{t('trail')}</h2>
        <Switch
          label={over('live')}
          checked={live}
          onChange={(event) => setLive(event.currentTarget.checked)}
        />
        <Button
          variant="default"
          leftSection={<IconFilter size={18} aria-hidden="true" />}
          onClick={toggle}
          aria-expanded={open}
          aria-controls={filters}
        >
          {over('filter.open')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconFileCertificate size={18} aria-hidden="true" />}
          onClick={openEvidence}
        >
          {over('evidence.open')}
        </Button>
        {narrowed && (
          <Button
            variant="subtle"
            onClick={clear}
            leftSection={<IconX size={18} aria-hidden="true" />}
          >
            {t('clear')}
          </Button>
        )}
      </div>
      <Collapse expanded={open} id={filters}>
        <Filters value={more} types={types} onChange={setMore} />
      </Collapse>
      <Trail filter={filter} live={live} />
      <EvidenceDialog
        opened={evidence}
        onClose={closeEvidence}
        asked={{ ...span, ...(who && { who }), ...(patient && { patient }) }}
      />
    </Page>
  );
}

function Total({ name, value, tone }: { name: string; value: number; tone?: 'warm' | 'bad' }) {
  const { locale } = useReader();
  return (
    <div>
      <dt>{name}</dt>
      <dd className="afar-figures" data-tone={value > 0 ? tone : undefined}>
        {new Intl.NumberFormat(locale).format(value)}
      </dd>
    </div>
  );
}
