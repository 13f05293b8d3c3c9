/** The trail itself: who did what, when, from where, and how it ended. */
import { Badge, Button, Collapse, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditRow, AuditSearchRequest } from '@afar/access/contract';
import { Empty } from '../kit/empty.tsx';
import { Pending } from '../kit/page.tsx';
import { clockTime, dayKey, longDay } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import classes from './auditor.module.css';
import { trailQuery } from './queries.ts';
import { useWords } from './words.ts';

export function Trail({ filter, live }: { filter: AuditSearchRequest; live: boolean }) {
  const { t } = useTranslation('auditor');
  const { t: common } = useTranslation();
  const { zone, locale } = useReader();
  const trail = useInfiniteQuery(trailQuery(filter, live));
  const rows = trail.data?.pages.flatMap((page) => page.rows) ?? [];
  if (trail.isPending) return <Pending rows={6} height={56} />;
  if (trail.isError) return <Trouble error={trail.error} retry={() => void trail.refetch()} />;
  if (rows.length === 0) return <Empty text={t('nothing')} />;
  const days = Map.groupBy(rows, (row) => dayKey(row.at, zone));
  return (
    <>
      {[...days].map(([day, events]) => (
        <section
          key={day}
          className={classes.day}
          aria-label={longDay(events[0]!.at, zone, locale)}
        >
          <h3 className={classes.dayTitle}>{longDay(events[0]!.at, zone, locale)}</h3>
          <ul className={classes.events}>
            {events.map((row) => (
              <Event key={row.id} row={row} />
            ))}
          </ul>
        </section>
      ))}
      {trail.hasNextPage && (
        <Button
          variant="default"
          mt="lg"
          loading={trail.isFetchingNextPage}
          onClick={() => void trail.fetchNextPage()}
        >
          {common('more')}
        </Button>
      )}
    </>
  );
}

function Event({ row }: { row: AuditRow }) {
  const { t } = useTranslation('auditor');
  const { zone, locale } = useReader();
  const words = useWords();
  const [open, { toggle }] = useDisclosure(false);
  const details = useId();
  const who = words.person(row.who);
  return (
    <li className={classes.event} data-outcome={row.outcome}>
      <UnstyledButton
        className={classes.eventHead}
        onClick={toggle}
        aria-expanded={open}
        aria-controls={details}
      >
        <time className={classes.eventTime} dateTime={new Date(row.at).toISOString()}>
          {clockTime(row.at, zone, locale)}
        </time>
        <span className={classes.eventWho}>
          {who}
          <small>{words.role(row.who.role)}</small>
        </span>
        <span className={classes.eventWhat}>
          {words.action(row.action)}
          {row.type && <code>{row.type}</code>}
        </span>
        <span className={classes.eventFrom}>{row.ip}</span>
        <span className={classes.eventEnd}>
          {row.outcome !== 0 && (
            <Badge color={row.outcome === 4 ? 'ember' : 'brick'}>
              {t(`outcome.${row.outcome}`)}
            </Badge>
          )}
        </span>
        <IconChevronRight
          size={18}
          aria-hidden="true"
          className={classes.eventMore}
          data-open={open || undefined}
        />
      </UnstyledButton>
      <Collapse expanded={open} id={details}>
        <dl className={classes.details}>
          <Detail name={t('detail.when')} value={new Date(row.at).toISOString()} />
          <Detail name={t('detail.who')} value={row.who.id} />
          <Detail name={t('detail.device')} value={row.device} />
          <Detail name={t('detail.resource')} value={row.rid && `${row.type}/${row.rid}`} />
          <Detail name={t('detail.patients')} value={row.patients.join(' ')} />
          <Detail name={t('detail.params')} value={row.params.join(', ')} />
          <Detail name={t('detail.purpose')} value={row.purpose} />
          <Detail name={t('detail.request')} value={row.requestId} />
        </dl>
      </Collapse>
    </li>
  );
}

function Detail({ name, value }: { name: string; value: string | undefined }) {
  if (!value) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
