/** One small page of the registration: what it asks, why, and how far she is. */
import { Text } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import sign from '../shell/sign-in.module.css';
import classes from './register.module.css';

interface Props {
  title: string;
  lead?: ReactNode;
  /** From 1. */
  step: number;
  of: number;
  children: ReactNode;
}

export function Part({ title, lead, step, of, children }: Props) {
  const { t } = useTranslation('register');
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever reads by ear hears where she is; the keyboard goes on from there.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <div>
        <ol className={classes.steps} aria-hidden="true">
          {Array.from({ length: of }, (_, at) => (
            <li key={at} className={classes.stepMark} data-done={at < step || undefined} />
          ))}
        </ol>
        <Text size="sm" c="dimmed" mt={6}>
          {t('stepOf', { step, of })}
        </Text>
      </div>
      <h1 className={sign.title} tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {lead && <Text c="dimmed">{lead}</Text>}
      {children}
    </>
  );
}

/** What went wrong with a step, where no field says it. */
export function StepTrouble({ error }: { error: unknown }) {
  const { t } = useTranslation('register');
  if (!error) return null;
  const { status, issues } = asApiError(error);
  if (status === 429) return <Notice tone="bad" title={t('trouble.often')} />;
  if (status === 501) return <Notice tone="bad" title={t('trouble.noWay')} />;
  if (status === 409) return <Notice tone="bad" title={t('trouble.taken')} />;
  const at = issues[0]?.expression?.[0];
  if (at === 'proof') return <Notice tone="bad" title={t('trouble.proof')} />;
  if (at === 'invitation') return <Notice tone="bad" title={t('trouble.invitation')} />;
  return <Trouble error={error} kept />;
}
