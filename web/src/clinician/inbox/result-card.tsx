/** One result that waits: whose, what it says against its range and its past, and what can be done about it. */
import { Badge, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ResultItem, ResultLevel, ResultValue } from '@afar/visits/contract';
import { LineChart } from '../../kit/line-chart.tsx';
import { relative, shortDate, toMs } from '../../kit/time.ts';
import { useReader } from '../../shell/session.ts';
import { Acknowledge } from './acknowledge.tsx';
import classes from './inbox.module.css';
import { PassOn } from './pass-on.tsx';

export const levelColour: Record<ResultLevel, string> = {
  critical: 'brick',
  abnormal: 'ember',
  unrated: 'gray',
  normal: 'lagoon',
};

export function ResultCard({ result, now }: { result: ResultItem; now: number }) {
  const { t } = useTranslation('results');
  const { zone, locale } = useReader();
  const [answering, answer] = useDisclosure(false);
  const [passing, pass] = useDisclosure(false);
  const { level, standing, order, why, responsible } = result;
  return (
    <li className={classes.card} data-level={level} data-testid="result">
      <div className={classes.head}>
        <Badge color={levelColour[level]}>{t(`level.${level}`)}</Badge>
        <h3>{result.title}</h3>
        <span className={classes.who}>{result.patient.name}</span>
        {standing !== 'new' && <Badge color="ember">{t(standing)}</Badge>}
        {result.preliminary && <Badge color="gray">{t('preliminary')}</Badge>}
      </div>
      <p className={classes.soft}>
        {order
          ? t('ordered', { date: shortDate(order.orderedAt, zone, locale), text: order.text })
          : t('unordered')}
        {' · '}
        {t('since', { when: relative(result.since, now, locale) })}
        {result.dueBy && toMs(result.dueBy) > now && (
          <> · {t('due', { when: relative(result.dueBy, now, locale) })}</>
        )}
        {why !== 'yours' && <> · {t(`why.${why}`, { name: responsible?.name ?? '' })}</>}
      </p>
      <ul className={classes.values}>
        {result.values.map((value, at) => (
          <Value key={`${value.name} ${at}`} value={value} at={result.since} />
        ))}
      </ul>
      {result.conclusion && <p className={classes.prose}>{result.conclusion}</p>}
      <div className={classes.foot}>
        <Button onClick={answer.open} data-testid="answer">
          {t('answer')}
        </Button>
        <Button variant="default" onClick={pass.open}>
          {t('pass')}
        </Button>
        <Button
          variant="subtle"
          renderRoot={(props) => (
            <Link
              {...props}
              to="/clinician/patients/$patientId"
              params={{ patientId: result.patient.id }}
            />
          )}
        >
          {t('chart')}
        </Button>
      </div>
      <Acknowledge result={result} opened={answering} onClose={answer.close} />
      <PassOn result={result} opened={passing} onClose={pass.close} />
    </li>
  );
}

/** The new value, its range, and beside it what it was before. */
function Value({ value, at }: { value: ResultValue; at: string }) {
  const { t } = useTranslation('results');
  const { locale } = useReader();
  const { before, number } = value;
  const trend = number !== undefined && before.length > 0;
  return (
    <li className={classes.value} data-plain={!trend || undefined}>
      <div>
        <div className={classes.figure}>
          <span>{value.name}</span>
          <b className="afar-figures" dir="auto">
            {value.value}
          </b>
          {value.level !== 'normal' && value.level !== 'unrated' && (
            <Badge size="sm" color={levelColour[value.level]}>
              {t(`level.${value.level}`)}
            </Badge>
          )}
        </div>
        {value.range && <p className={classes.soft}>{t('range', { range: value.range })}</p>}
      </div>
      {trend && (
        <LineChart
          height={90}
          locale={locale}
          label={t('trend', { name: value.name, count: before.length + 1, latest: value.value })}
          series={[
            {
              label: value.name,
              points: [
                ...before.map((one): [number, number] => [toMs(one.at), one.number]),
                [toMs(at), number],
              ],
            },
          ]}
        />
      )}
    </li>
  );
}
