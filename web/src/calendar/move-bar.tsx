/** What is about to happen to a visit on the move: from when to when, steps for fingers and switches, yes, no, and back again. */
import { ActionIcon, Button, Group, SegmentedControl } from '@mantine/core';
import {
  IconArrowBackUp,
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconChevronUp,
  IconX,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { weekDate } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import classes from './move-bar.module.css';
import type { Step } from './places.ts';
import { useClock } from './entry.tsx';
import { SeriesDates } from './series-dates.tsx';
import type { Move } from './use-move.ts';

/** "Tue, 24 Nov, 10:20 AM" */
export function useMoment(zone: string): (at: number) => string {
  const { locale } = useReader();
  const clock = useClock(zone);
  return (at) => `${weekDate(at, zone, locale)}, ${clock(at)}`;
}

interface Props {
  move: Move;
  zone: string;
  sideways: 'day' | 'clinician';
  nameOf: (id: string) => string;
  onStep: (step: Step) => void;
  onConfirm: (scope: 'this' | 'following') => void;
  onCancel: () => void;
  onUndo: () => void;
}

export function MoveBar(props: Props) {
  const { move } = props;
  if (move.moving && !move.moving.dragged) return <Deciding {...props} />;
  if (move.moved || move.report) return <Done {...props} />;
  return null;
}

function Deciding({ move, zone, sideways, nameOf, onStep, onConfirm, onCancel }: Props) {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const moment = useMoment(zone);
  const [scope, setScope] = useState<'this' | 'following'>('this');
  const { entry, clinician, start, target } = move.moving!;
  const who = entry.patient?.name ?? t('unnamed');
  const steps = [
    ['back', IconChevronLeft, sideways === 'day' ? 'dayBack' : 'columnBack'],
    ['earlier', IconChevronUp, 'earlier'],
    ['later', IconChevronDown, 'later'],
    ['forth', IconChevronRight, sideways === 'day' ? 'dayForth' : 'columnForth'],
  ] as const;
  const elsewhere = target && target.clinician !== clinician;
  return (
    <section className={classes.bar} aria-label={t('move.title')} data-testid="move-bar">
      <div className={classes.words}>
        <p className={classes.title}>{t('move.who', { who })}</p>
        <p className={classes.change}>
          <span className={classes.before}>{moment(start)}</span>
          <span aria-hidden="true" className={classes.arrow}>
            →
          </span>
          <strong data-testid="move-to">
            {target
              ? `${moment(target.start)}${elsewhere ? `, ${nameOf(target.clinician)}` : ''}`
              : t(move.ready ? 'move.choose' : 'move.loading')}
          </strong>
        </p>
        {move.taken && <Notice tone="warm" title={t('move.taken')} />}
        {move.error !== undefined && !move.taken && <Trouble error={move.error} />}
      </div>
      <div className={classes.steps} role="group" aria-label={t('move.steps')}>
        {steps.map(([step, Icon, label]) => (
          <ActionIcon
            key={step}
            size="xl"
            variant="default"
            aria-label={t(`move.${label}`)}
            disabled={!move.ready}
            onClick={() => onStep(step)}
          >
            <Icon
              size={20}
              aria-hidden="true"
              {...((step === 'back' || step === 'forth') && { className: classes.flip })}
            />
          </ActionIcon>
        ))}
      </div>
      {entry.series && !elsewhere && (
        <SegmentedControl
          aria-label={t('scope.label')}
          value={scope}
          onChange={(value) => setScope(value as typeof scope)}
          data={[
            { value: 'this', label: t('scope.this') },
            { value: 'following', label: t('scope.following') },
          ]}
        />
      )}
      <Group gap="sm">
        <Button
          disabled={!target}
          loading={move.saving}
          onClick={() => onConfirm(elsewhere ? 'this' : scope)}
          data-testid="confirm-move"
        >
          {t('move.confirm')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {common('cancel')}
        </Button>
      </Group>
    </section>
  );
}

function Done({ move, zone, onUndo }: Props) {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const moment = useMoment(zone);
  const { moved, report } = move;
  return (
    <section className={classes.bar} aria-label={t('move.title')} data-testid="moved-bar">
      <div className={classes.words}>
        {moved && (
          <p className={classes.title}>
            {t('move.done', {
              who: moved.entry.patient?.name ?? t('unnamed'),
              to: moment(moved.to.start),
            })}
          </p>
        )}
        {report && <SeriesDates report={report} zone={zone} moved />}
        {move.taken && <Notice tone="warm" title={t('move.noWayBack')} />}
        {move.error !== undefined && !move.taken && <Trouble error={move.error} />}
      </div>
      <Group gap="sm">
        {moved && (
          <Button
            variant="light"
            leftSection={<IconArrowBackUp size={18} aria-hidden="true" />}
            loading={move.saving}
            onClick={onUndo}
            data-testid="undo-move"
          >
            {t('move.undo')}
          </Button>
        )}
        <ActionIcon
          size="xl"
          variant="subtle"
          color="gray"
          aria-label={common('close')}
          onClick={move.forget}
        >
          <IconX size={20} aria-hidden="true" />
        </ActionIcon>
      </Group>
    </section>
  );
}
