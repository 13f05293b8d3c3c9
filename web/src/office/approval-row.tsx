/** One thing that takes two: what, who asked, and the reader's word where she may give it. */
import { Badge, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { ApprovalView, DecidedApproval, SignInRole } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { relative } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import classes from './approvals.module.css';
import { useOffice } from './queries.ts';

const tones = {
  open: 'ember',
  approved: 'lagoon',
  refused: 'brick',
  withdrawn: 'gray',
  expired: 'gray',
} as const;

interface Props {
  approval: ApprovalView;
  onDecided: (done: DecidedApproval) => void;
}

export function ApprovalRow({ approval, onDecided }: Props) {
  const { t, i18n } = useTranslation('approvals');
  const { t: shell } = useTranslation('shell');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const now = useNow(60_000);
  const { decide } = useOffice();
  const [asking, { open, close }] = useDisclosure(false);
  const { id, kind, state, about, asker, decider, may } = approval;
  const who = asker.name ?? t('operator');
  const title = i18n.exists(`approvals:kind.${kind}`)
    ? t(`kind.${kind as 'create-user'}`)
    : t('kind.other');
  const word = (name: string, value: string | number): string => {
    // Of a lockdown: which clinic, by its number, or the whole installation.
    if (name === 'scope' && kind === 'lift-lockdown')
      return value === 0 ? t('about.everywhere') : t('about.here');
    if (name === 'role') return shell(`role.${value as SignInRole}`);
    return name === 'status' ? t('active') : String(value);
  };
  // The operator's account at the machine is a number that says nothing here.
  const facts = Object.entries(about).filter(([name]) => name !== 'operator');
  const say = (verdict: 'approve' | 'refuse' | 'withdraw') =>
    decide.mutate({ id, verdict }, { onSuccess: onDecided, onSettled: close });

  return (
    <li className={classes.row} data-testid="approval">
      <div className={classes.what}>
        <p className={classes.title}>
          {title} {state !== 'open' && <Badge color={tones[state]}>{t(`state.${state}`)}</Badge>}
        </p>
        <dl className={classes.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>
                {i18n.exists(`approvals:about.${name}`) ? t(`about.${name as 'name'}`) : name}
              </dt>
              <dd>{word(name, value)}</dd>
            </div>
          ))}
        </dl>
        <p className={classes.soft}>
          {t('askedBy', { who, when: relative(approval.asked, now, locale) })}
          {approval.decided !== undefined && (
            <>
              {' · '}
              {t('decidedBy', {
                who: decider?.name ?? t('operator'),
                when: relative(approval.decided, now, locale),
              })}
            </>
          )}
        </p>
      </div>
      <Group gap="sm" className={classes.acts}>
        {may.includes('approve') && <Button onClick={open}>{t('approve')}</Button>}
        {may.includes('refuse') && (
          <Button variant="default" loading={decide.isPending} onClick={() => say('refuse')}>
            {t('refuse')}
          </Button>
        )}
        {may.includes('withdraw') && (
          <Button variant="default" loading={decide.isPending} onClick={() => say('withdraw')}>
            {t('withdraw')}
          </Button>
        )}
        {state === 'open' && may.length === 0 && <Text size="sm">{t('yours')}</Text>}
      </Group>
      {decide.error && (
        <div className={classes.trouble}>
          <Trouble error={decide.error} />
        </div>
      )}
      <Dialog opened={asking} onClose={close} title={t('sure.title')}>
        <Text fw={600}>
          {title}
          {about.name !== undefined && `: ${about.name}`}
        </Text>
        <Text mt="xs">{t('sure.text', { who })}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {common('cancel')}
          </Button>
          <Button loading={decide.isPending} onClick={() => say('approve')}>
            {t('sure.yes')}
          </Button>
        </Group>
      </Dialog>
    </li>
  );
}
