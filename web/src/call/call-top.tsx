/** The upper edge of a call: with whom, for how long, how private, how good the line is. */
import { Popover, UnstyledButton } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { stopwatch } from '../kit/time.ts';
import classes from './call.module.css';
import type { CallSession, CallState } from './call-session.ts';
import { QualityPanel } from './quality-panel.tsx';

interface Props {
  session: CallSession;
  state: CallState;
  /** The clinician may look at how the line has been. */
  role: 'patient' | 'clinician' | 'guest';
  name: string;
  since: number;
  variant: 'full' | 'floating';
  /** Who else is here. */
  children?: ReactNode;
}

export function CallTop({ session, state, role, name, since, variant, children }: Props) {
  return (
    <div className={classes.top}>
      <div className={classes.with}>
        <span className={classes.withName}>{name}</span>
        {state.link.phase === 'live' && <Elapsed since={since} />}
      </div>
      <div className={classes.signs}>
        <Line
          session={session}
          state={state}
          opens={role === 'clinician'}
          small={variant === 'floating'}
        />
        {children}
        <SafetyCode code={state.link.code} name={name} />
      </div>
    </div>
  );
}

function Elapsed({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time className={classes.elapsed} role="timer">
      {stopwatch(now - since)}
    </time>
  );
}

/** Three bars that stay out of the way; words only when something is wrong, and whose link it is. */
function Line(props: { session: CallSession; state: CallState; opens: boolean; small: boolean }) {
  const { session, state, opens, small } = props;
  const { t } = useTranslation('call');
  const { t: quality } = useTranslation('quality');
  if (state.link.phase !== 'live') return null;
  const { level, weak } = state.verdict;
  const words = t(`line.${level}`) + (weak ? `: ${t(`weak.${weak}`)}` : '');
  const said = {
    className: classes.line,
    'data-level': level,
    'data-weak': weak,
    'data-testid': 'call-quality',
    title: words,
  };
  const inside = (
    <>
      <svg viewBox="0 0 20 16" className={classes.bars} aria-hidden="true">
        <rect x="1" y="10" width="4" height="6" rx="1.5" />
        <rect x="8" y="5.5" width="4" height="10.5" rx="1.5" />
        <rect x="15" y="1" width="4" height="15" rx="1.5" />
      </svg>
      <span className={small || level === 'good' ? 'afar-hidden' : undefined}>{words}</span>
    </>
  );
  if (!opens) return <span {...said}>{inside}</span>;
  return (
    <Popover
      position="bottom-end"
      width={340}
      radius="lg"
      shadow="lg"
      withArrow
      trapFocus
      zIndex={400}
    >
      <Popover.Target>
        <UnstyledButton {...said}>{inside}</UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={quality('title')}>
        <QualityPanel session={session} />
      </Popover.Dropdown>
    </Popover>
  );
}

interface CodeProps {
  code: string | undefined;
  name: string;
}

/** Ten digits in pairs. Both people see the same ones unless somebody stands between them. */
function SafetyCode({ code, name }: CodeProps) {
  const { t } = useTranslation('call');
  if (!code) return null;
  const pairs = code.match(/../g)!.join(' ');
  return (
    <Popover position="bottom-end" width={300} radius="lg" shadow="lg" withArrow>
      <Popover.Target>
        <UnstyledButton className={classes.code} aria-label={t('code.label', { code: pairs })}>
          <IconLock size={16} aria-hidden="true" />
          {/* Both read the same ten digits in one order, whichever way their text runs. */}
          <bdi dir="ltr" className="afar-figures" data-testid="safety-code" data-code={code}>
            {pairs}
          </bdi>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.codeTitle}>{t('code.title')}</p>
        <p className={`afar-figures ${classes.codeDigits}`}>
          <bdi dir="ltr">{pairs}</bdi>
        </p>
        <p className={classes.codeText}>{t('code.text', { name })}</p>
      </Popover.Dropdown>
    </Popover>
  );
}
