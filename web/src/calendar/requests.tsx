/** What patients asked for and the clinic has yet to confirm: told from everywhere in the calendar. */
import { Badge, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry } from '@afar/visits/contract';
import { useMoment } from './move-bar.tsx';
import { calendarQuery } from './queries.ts';
import classes from './requests.module.css';

interface Props {
  /** Ms since epoch: the beginning of today. */
  from: number;
  actors: string[];
  zone: string;
  onOpen: (entry: CalendarEntry) => void;
}

const sixWeeks = 42 * 86_400_000;

export function Requests({ from, actors, zone, onOpen }: Props) {
  const { t } = useTranslation('calendar');
  const moment = useMoment(zone);
  const { data } = useQuery({
    ...calendarQuery(from, from + sixWeeks, actors),
    refetchInterval: 60_000,
  });
  const asked = (data?.entries ?? []).filter((one) => one.state === 'requested' && one.id);
  if (asked.length === 0) return null;
  return (
    <section className={classes.requests} aria-labelledby="requests-title" data-testid="requests">
      <h2 id="requests-title" className={classes.title}>
        {t('requests', { count: asked.length })}
      </h2>
      <ul className={classes.list}>
        {asked.map((one) => (
          <li key={one.id}>
            <Button variant="default" size="sm" onClick={() => onOpen(one)}>
              {one.patient?.name ?? t('unnamed')} · {moment(Date.parse(one.start))}
              {one.urgent && (
                <Badge color="brick" ml={8}>
                  {t('urgent')}
                </Badge>
              )}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
