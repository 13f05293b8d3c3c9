/** What the patient has decided, in plain words, and the way to take it back. */
import { Button } from '@mantine/core';
import { IconLock, IconLockOpen2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Consent } from '@medplum/fhirtypes';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Pending, Section } from '../../kit/page.tsx';
import { shortDate } from '../../kit/time.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import { saidBy } from './consent-form.ts';
import { kindsOf } from './kinds.ts';
import { consentsQuery, withdrawConsent } from './queries.ts';
import classes from './consents.module.css';

export function ConsentList({ patient }: { patient: string }) {
  const { t } = useTranslation('consents');
  const consents = useQuery(consentsQuery(patient));
  const [taking, setTaking] = useState<Consent>();
  return (
    <Section title={t('said')}>
      {consents.isPending && <Pending rows={2} height={72} />}
      {consents.isError && <Trouble error={consents.error} retry={() => void consents.refetch()} />}
      {consents.data?.length === 0 && <Empty text={t('saidNothing')} />}
      <ul className={classes.list} data-testid="consents">
        {consents.data?.map((consent) => (
          <ConsentLine key={consent.id} consent={consent} onWithdraw={() => setTaking(consent)} />
        ))}
      </ul>
      {taking && (
        <Withdraw consent={taking} patient={patient} onClose={() => setTaking(undefined)} />
      )}
    </Section>
  );
}

/** One line for one Consent: who may or may not see what. */
function useWords(consent: Consent): { line: string; who: string; more: string[] } {
  const { t } = useTranslation('consents');
  const { locale } = useReader();
  const said = saidBy(consent);
  if (!said) return { line: t('word.other'), who: '', more: [] };
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const named = said.who.map((name) => name || t('unnamed'));
  const who = named.length > 0 ? list.format(named) : t('word.everybody');
  const { kinds, others } = kindsOf(said.types);
  const parts = [...kinds.map((kind) => t(`kind.${kind}`).toLocaleLowerCase(locale)), ...others];
  const what = said.single
    ? t('word.some')
    : said.labelled
      ? t('word.labelled')
      : parts.length > 0
        ? list.format(parts)
        : t('word.all');
  return {
    line: t(`word.${said.type}`, { who, what }),
    who,
    more: [
      ...(said.except.length > 0
        ? [t('word.except', { who: list.format(said.except.map((one) => one || t('unnamed'))) })]
        : []),
      said.until
        ? t('until', {
            date: shortDate(
              said.until.length === 10 ? `${said.until}T12:00:00Z` : said.until,
              'UTC',
              locale,
            ),
          })
        : t('always'),
    ],
  };
}

function ConsentLine({ consent, onWithdraw }: { consent: Consent; onWithdraw: () => void }) {
  const { t } = useTranslation('consents');
  const { line, more } = useWords(consent);
  const Icon = consent.provision?.type === 'permit' ? IconLockOpen2 : IconLock;
  return (
    <li className={classes.row} data-testid="consent">
      <Icon size={22} stroke={1.8} aria-hidden="true" className={classes.icon} />
      <div className={classes.who}>
        <b>{line}</b>
        <small>{more.join(', ')}</small>
      </div>
      <Button
        variant="default"
        size="sm"
        aria-label={`${t('withdraw')}: ${line}`}
        onClick={onWithdraw}
      >
        {t('withdraw')}
      </Button>
    </li>
  );
}

interface WithdrawProps {
  consent: Consent;
  patient: string;
  onClose: () => void;
}

function Withdraw({ consent, patient, onClose }: WithdrawProps) {
  const { t } = useTranslation('consents');
  const client = useQueryClient();
  const { line, who } = useWords(consent);
  const take = useMutation({
    mutationFn: () => withdrawConsent(consent),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ['consents', patient] }),
        client.invalidateQueries({ queryKey: ['reach', patient] }),
      ]);
      onClose();
    },
  });
  const permit = consent.provision?.type === 'permit';
  return (
    <Dialog opened onClose={onClose} title={t('withdrawTitle')}>
      <div className={classes.form}>
        <p className={classes.soft}>
          <b>{line}</b>
        </p>
        <p className={classes.soft}>{permit ? t('withdrawPermit', { who }) : t('withdrawDeny')}</p>
        {take.isError && <Trouble error={take.error} />}
        <Button
          data-autofocus
          loading={take.isPending}
          onClick={() => take.mutate()}
          data-testid="take-back"
        >
          {t('withdraw')}
        </Button>
      </div>
    </Dialog>
  );
}
