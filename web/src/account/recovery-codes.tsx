/** Recovery codes: how many are left, ten new ones, and the one time they are shown. */
import { Button, CopyButton, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Factors } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { Notice } from '../kit/trouble.tsx';
import classes from './account.module.css';
import { Card } from './card.tsx';
import { Confirm } from './confirm.tsx';
import { useFactors } from './queries.ts';

interface Props {
  factors: Factors;
  onCodes: (codes: string[]) => void;
}

export function RecoveryCodesCard({ factors, onCodes }: Props) {
  const { t } = useTranslation('account');
  const { renewCodes } = useFactors();
  const [asking, setAsking] = useState(false);
  const any = factors.totp || factors.passkeys.length > 0;
  const renew = (): void =>
    renewCodes.mutate(undefined, {
      onSuccess: ({ recoveryCodes }) => {
        setAsking(false);
        onCodes(recoveryCodes);
      },
    });
  return (
    <Card
      title={t('codes.title')}
      lead={
        any
          ? `${t('codes.lead')} ${t('codes.left', { count: factors.recoveryCodes })}.`
          : t('codes.needFactor')
      }
      actions={
        any && (
          <Button variant="default" onClick={() => setAsking(true)}>
            {t('codes.renew')}
          </Button>
        )
      }
    >
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('codes.renewTitle')}
        text={t('codes.renewText')}
        action={t('codes.renew')}
        mutation={renewCodes}
        onConfirm={renew}
      />
    </Card>
  );
}

/** They cannot be asked for again: the dialog closes by its button, not by a slip of the hand. */
export function ShownCodes({ codes, onKept }: { codes: string[] | undefined; onKept: () => void }) {
  const { t } = useTranslation('account');
  return (
    <Dialog
      opened={codes !== undefined}
      onClose={onKept}
      title={t('codes.shownTitle')}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <Notice tone="warm" title={t('codes.shownText')} />
        <ol className={classes.codes} data-testid="recovery-codes">
          {codes?.map((code) => (
            <li key={code} className={classes.code}>
              {code}
            </li>
          ))}
        </ol>
        <Group justify="flex-end">
          <CopyButton value={codes?.join('\n') ?? ''}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? 'totp.copied' : 'codes.copy')}
              </Button>
            )}
          </CopyButton>
          <Button variant="default" onClick={() => print()}>
            {t('codes.print')}
          </Button>
          <Button onClick={onKept} data-autofocus>
            {t('codes.kept')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
