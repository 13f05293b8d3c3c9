/** One opened chart: accepted, or questioned with words of the privacy officer's own; ended early when it must be. */
import { Badge, Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GlassRow, ReviewGlass } from '@afar/sharing/contract';
import { api } from '../kit/api.ts';
import { clockTime, shortDate } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import { reasonLength } from '../emergency/reasons.ts';
import classes from './oversight.module.css';
import { emergenciesQuery } from './queries.ts';
import { useWords } from './words.ts';

export function EmergencyRow({ row }: { row: GlassRow }) {
  const { t } = useTranslation('oversight');
  const { zone, locale } = useReader();
  const words = useWords();
  const now = useNow(30_000);
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [text, setText] = useState('');
  const again = () => client.invalidateQueries({ queryKey: emergenciesQuery.queryKey });
  const review = useMutation({
    mutationFn: (said: ReviewGlass) => api.post(`/api/break-glass/${row.id}/review`, said),
    onSuccess: () => {
      setAsking(false);
      return again();
    },
  });
  const end = useMutation({
    mutationFn: () => api.post(`/api/break-glass/${row.id}/end`),
    onSuccess: again,
  });
  const who = row.name || words.person({ id: row.account, role: row.role });
  const open = !row.ended && Date.parse(row.ends) > now;
  return (
    <li className={classes.alert} data-open={!row.decision || undefined}>
      <div className={classes.alertHead}>
        <h2 className={classes.alertTitle}>{who}</h2>
        <span className={classes.soft}>{words.role(row.role)}</span>
        {open && <Badge color="ember">{t('emergency.open')}</Badge>}
        {row.decision && (
          <Badge color={row.decision === 'accepted' ? 'lagoon' : 'brick'}>
            {t(`emergency.${row.decision}`)}
          </Badge>
        )}
        <time className={classes.soft} dateTime={row.starts}>
          {shortDate(row.starts, zone, locale)}, {clockTime(row.starts, zone, locale)}
        </time>
      </div>
      <p className={classes.alertText}>
        <b>{t(`emergency.reason.${row.reason}`)}</b>
        <br />“{row.text}”
      </p>
      <p className={classes.soft}>
        {t('emergency.times', { count: row.times })} {t('emergency.patient')}{' '}
        <code className={classes.id}>{row.patient}</code>
      </p>
      {row.question && <p className={classes.alertText}>{row.question}</p>}
      {(review.isError || end.isError) && <Trouble error={review.error ?? end.error} kept />}
      {asking && (
        <Textarea
          label={t('emergency.ask')}
          autosize
          minRows={2}
          maxLength={reasonLength.most}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <div className={classes.actions}>
        {!row.decision && !asking && (
          <>
            <Button
              size="sm"
              loading={review.isPending}
              onClick={() => review.mutate({ decision: 'accepted' })}
              aria-label={t('emergency.acceptOf', { who })}
            >
              {t('emergency.accept')}
            </Button>
            <Button size="sm" variant="default" onClick={() => setAsking(true)}>
              {t('emergency.question')}
            </Button>
          </>
        )}
        {asking && (
          <>
            <Button
              size="sm"
              loading={review.isPending}
              disabled={text.trim().length < reasonLength.least}
              onClick={() => review.mutate({ decision: 'questioned', text: text.trim() })}
            >
              {t('emergency.send')}
            </Button>
            <Button size="sm" variant="default" onClick={() => setAsking(false)}>
              {t('emergency.back')}
            </Button>
          </>
        )}
        {open && (
          <Button size="sm" variant="subtle" loading={end.isPending} onClick={() => end.mutate()}>
            {t('emergency.end')}
          </Button>
        )}
      </div>
    </li>
  );
}
