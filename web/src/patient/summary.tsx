/** What the patient takes home from a visit: why, what was found, what to do, what comes next. */
import { Badge, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconFileDownload, IconPrinter } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { VisitSummary, VisitView } from '@afar/visits/contract';
import { Pending } from '../kit/page.tsx';
import { shortDate } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import { useReader } from '../shell/session.ts';
import { useNow } from '../kit/use-now.ts';
import { summaryQuery } from './queries.ts';
import { summaryMayCome } from './summary-due.ts';
import classes from './visit.module.css';

type Ready = Extract<VisitSummary, { status: 'ready' }>;

export function Summary({ visit }: { visit: VisitView }) {
  const { t } = useTranslation('patient');
  const now = useNow(60_000);
  const summary = useQuery(summaryQuery(visit.id));
  if (summary.isPending) return <Pending rows={3} height={110} />;
  if (summary.isError)
    return <Trouble error={summary.error} retry={() => void summary.refetch()} />;
  if (summary.data.status === 'pending' && !summaryMayCome(visit.end, now))
    return <Notice title={t('summary.none')}>{t('summary.noneText')}</Notice>;
  if (summary.data.status === 'pending')
    return <Notice title={t('summary.pending')}>{t('summary.pendingText')}</Notice>;
  return <Words summary={summary.data} />;
}

function Words({ summary }: { summary: Ready }) {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const { t: words } = useTranslation('summary');
  const { zone, locale } = useReader();
  const day = (date: string): string => shortDate(`${date}T12:00:00Z`, 'UTC', locale);
  return (
    <article className={classes.summary} data-testid="summary">
      <header className={classes.summaryHead}>
        <p className={classes.summaryWho}>{summary.clinician.name}</p>
        <p className={classes.soft}>
          <When at={summary.start} clinicZone={summary.zone} />
        </p>
        <p className={classes.soft}>
          {summary.mode !== 'phone' && common(`visitType.${summary.mode}`)}
          {summary.minutes !== undefined && `, ${common('minutes', { count: summary.minutes })}`}
        </p>
      </header>
      <div className={classes.summaryMain}>
        <section>
          <h2>{t('summary.plan')}</h2>
          <p className={classes.prose} data-testid="summary-plan">
            {summary.plan}
          </p>
        </section>
        <section>
          <h2>{t('summary.found')}</h2>
          <p className={classes.prose}>{summary.found}</p>
        </section>
        <section>
          <h2>{t('summary.why')}</h2>
          <p className={classes.prose}>{summary.reason}</p>
        </section>
        <Addenda summary={summary} />
      </div>
      <div className={classes.summarySide}>
        <section>
          <h2>{t('summary.followUp')}</h2>
          {summary.followUp.length === 0 && (
            <p className={classes.soft}>{t('summary.noFollowUp')}</p>
          )}
          <ul className={classes.plain}>
            {summary.followUp.map((order) => (
              <li key={order.reference}>
                <b>{order.text}</b>
                {order.due && (
                  <span className={classes.soft}>{t('summary.due', { date: day(order.due) })}</span>
                )}
                {order.instructions && (
                  <span className={classes.soft}>
                    <bdi>{order.instructions}</bdi>
                  </span>
                )}
                {order.priority !== 'routine' && <Badge color="ember">{t('summary.urgent')}</Badge>}
              </li>
            ))}
          </ul>
        </section>
        {summary.tasks.length > 0 && (
          <section>
            <h2>{words('tasks')}</h2>
            <ul className={classes.plain}>
              {summary.tasks.map((task) => (
                <li key={task.id}>
                  <b>{task.text}</b>
                  {task.due && (
                    <span className={classes.soft}>
                      {t('summary.due', { date: day(task.due) })}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </section>
        )}
        <section>
          <h2>{t('summary.medicines')}</h2>
          {summary.medicines.length === 0 && (
            <p className={classes.soft}>{t('summary.noMedicines')}</p>
          )}
          <ul className={classes.plain}>
            {summary.medicines.map((medicine) => (
              <li key={`${medicine.name} ${medicine.dosage}`}>
                <b>{medicine.name}</b>
                <span className={classes.soft}>
                  <bdi>{medicine.dosage}</bdi>
                </span>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <footer className={classes.summaryFoot}>
        <span>
          {t('summary.signed', {
            name: summary.clinician.name,
            date: shortDate(summary.signedAt, zone, locale),
          })}
        </span>
        <SaveFile visit={summary.visit} />
        <Button
          variant="subtle"
          leftSection={<IconPrinter size={20} aria-hidden="true" />}
          onClick={() => print()}
        >
          {t('summary.print')}
        </Button>
      </footer>
    </article>
  );
}

/** The same as a file, in the reader's language. */
function SaveFile({ visit }: { visit: string }) {
  const { t } = useTranslation('summary');
  const { locale } = useReader();
  const language = locale.split('-')[0];
  const lang = language && ['en', 'es', 'ar'].includes(language) ? `?lang=${language}` : '';
  return (
    <Button
      variant="subtle"
      component="a"
      href={`/api/visits/${visit}/summary.pdf${lang}`}
      download
      leftSection={<IconFileDownload size={20} aria-hidden="true" />}
      data-testid="summary-file"
    >
      {t('file')}
    </Button>
  );
}

/** What was added after signing; the signed text itself never changes. */
function Addenda({ summary }: { summary: Ready }) {
  const { t } = useTranslation('patient');
  const { zone, locale } = useReader();
  if (summary.addenda.length === 0) return null;
  return (
    <section>
      <h2>{t('summary.addenda')}</h2>
      {summary.addenda.map((one) => (
        <p key={one.at} className={classes.prose}>
          <span className={classes.soft}>{shortDate(one.at, zone, locale)}</span>
          {one.text}
        </p>
      ))}
    </section>
  );
}
