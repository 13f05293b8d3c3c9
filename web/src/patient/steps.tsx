/** Three steps to a good visit: questions, devices, waiting room. The one to do next is the one that shines. */
import { Button } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';
import { clockTime, relative, toMs } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import { lastCheck } from './device-result.ts';
import classes from './patient.module.css';

interface Step {
  key: 'intake' | 'check' | 'room';
  done: boolean;
  text: string;
  action: string;
  to: LinkProps['to'];
  open: boolean;
}

export function Steps({ visit, now }: { visit: AppointmentView; now: number }) {
  const { t } = useTranslation('patient');
  const { zone, locale } = useReader();
  const checked = lastCheck(now) !== undefined;
  const open = now >= toMs(visit.arriveFrom) || visit.state !== 'booked';
  const steps: Step[] = [
    {
      key: 'intake',
      done: visit.intake === 'completed',
      text: t(visit.intake === 'completed' ? 'prepare.intakeDone' : 'prepare.intakeText'),
      action: t(visit.intake === 'completed' ? 'prepare.change' : 'prepare.go'),
      to: '/patient/visits/$visitId/intake',
      open: visit.state === 'booked' || visit.state === 'waiting',
    },
    {
      key: 'check',
      done: checked,
      text: t(checked ? 'prepare.checkDone' : 'prepare.checkText'),
      action: t(checked ? 'prepare.again' : 'prepare.go'),
      to: '/patient/visits/$visitId/check',
      open: true,
    },
    {
      key: 'room',
      done: false,
      text: open
        ? t('prepare.roomOpen')
        : t('prepare.roomOpens', {
            when: relative(visit.arriveFrom, now, locale),
            time: clockTime(visit.arriveFrom, zone, locale),
          }),
      action: t('prepare.enter'),
      to: '/patient/visits/$visitId/room',
      open,
    },
  ];
  const current = open && checked ? 'room' : steps.find((step) => !step.done && step.open)?.key;
  return (
    <ol className={classes.steps} aria-label={t('prepare.title')}>
      {steps.map((step, index) => (
        <li key={step.key} className={classes.step} data-done={step.done || undefined}>
          <span className={classes.stepMark} aria-hidden="true">
            {step.done ? <IconCheck size={18} stroke={2.6} /> : index + 1}
          </span>
          <div className={classes.stepWords}>
            <p className={classes.stepTitle}>{t(`prepare.${step.key}`)}</p>
            <p className={classes.stepText}>{step.text}</p>
          </div>
          {step.open && (
            <Button
              component={Link}
              to={step.to}
              params={{ visitId: visit.id } as never}
              size="sm"
              variant={step.key === current ? 'filled' : 'light'}
              data-testid={`step-${step.key}`}
              aria-label={`${step.action}: ${t(`prepare.${step.key}`)}`}
            >
              {step.action}
            </Button>
          )}
        </li>
      ))}
    </ol>
  );
}
