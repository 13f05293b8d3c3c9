/** The line of events on screen: by year, with kinds to switch off, notes to read in place. */
import { Chip, Group } from '@mantine/core';
import {
  IconNeedle,
  IconNotes,
  IconPill,
  IconStethoscope,
  IconTool,
  IconUrgent,
  type TablerIcon,
} from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import classes from './chart.module.css';
import type { Chart } from './chart-data.ts';
import { FhirDate } from './fhir-date.tsx';
import { byYear, type EventKind, timeline, type TimelineEvent } from './timeline.ts';

const icons: Record<EventKind, TablerIcon> = {
  visit: IconStethoscope,
  note: IconNotes,
  problem: IconUrgent,
  medicine: IconPill,
  procedure: IconTool,
  vaccine: IconNeedle,
};
const kinds = Object.keys(icons) as EventKind[];

export function Timeline({ chart }: { chart: Chart }) {
  const { t } = useTranslation('clinician');
  const [shown, setShown] = useState<string[]>(kinds);
  const sources = [
    chart.encounters,
    chart.conditions,
    chart.medicines,
    chart.procedures,
    chart.immunizations,
    chart.notes,
  ];
  const failed = sources.find((source) => source.isError);
  const events = useMemo(
    () =>
      timeline({
        encounters: chart.encounters.data,
        conditions: chart.conditions.data,
        medicines: chart.medicines.data,
        procedures: chart.procedures.data,
        immunizations: chart.immunizations.data,
        notes: chart.notes.data,
      }),
    [
      chart.encounters.data,
      chart.conditions.data,
      chart.medicines.data,
      chart.procedures.data,
      chart.immunizations.data,
      chart.notes.data,
    ],
  );
  const years = byYear(events.filter((event) => shown.includes(event.kind)));
  return (
    <section aria-label={t('chart.timeline')} data-testid="timeline">
      <Chip.Group multiple value={shown} onChange={setShown}>
        <Group gap="xs" mb="lg">
          {kinds.map((kind) => (
            <Chip key={kind} value={kind} variant="light" size="md">
              {t(`timeline.${kind}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {failed && (
        <Trouble error={failed.error} retry={() => sources.forEach((one) => void one.refetch())} />
      )}
      {sources.some((source) => source.isPending) && <Pending rows={4} height={56} />}
      {!failed && years.length === 0 && sources.every((source) => source.isSuccess) && (
        <p className={classes.soft}>{t('timeline.none')}</p>
      )}
      {years.map(([year, list]) => (
        <section key={year} className={classes.year}>
          <h2 className={classes.yearTitle}>{year || t('timeline.undated')}</h2>
          <ol className={classes.events}>
            {list.map((event) => (
              <Event key={event.key} event={event} />
            ))}
          </ol>
        </section>
      ))}
    </section>
  );
}

function Event({ event }: { event: TimelineEvent }) {
  const { t } = useTranslation('clinician');
  const Icon = icons[event.kind];
  return (
    <li className={classes.event} data-kind={event.kind}>
      <span className={classes.eventIcon}>
        <Icon size={18} aria-hidden="true" />
      </span>
      <div className={classes.eventBody}>
        <p className={classes.eventTitle}>
          <span className="afar-hidden">{t(`timeline.one.${event.kind}`)}: </span>
          {event.title}
        </p>
        {event.detail && (
          <p className={classes.soft}>
            <bdi>{event.detail}</bdi>
          </p>
        )}
        {event.sections && event.sections.length > 0 && (
          <details className={classes.note}>
            <summary>{t('timeline.readNote')}</summary>
            {event.sections.map((section) => (
              <section key={section.title}>
                <h3>{section.title}</h3>
                <p>
                  <bdi>{section.text}</bdi>
                </p>
              </section>
            ))}
          </details>
        )}
      </div>
      <FhirDate value={event.date} />
    </li>
  );
}
