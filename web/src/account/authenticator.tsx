/** The authenticator app: set up by a picture and a first code, moved to another phone, turned off. */
import { Button, CopyButton, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Factors, NewTotp } from '@afar/access/contract';
import { asApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Qr } from '../kit/qr.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import classes from './account.module.css';
import { Card } from './card.tsx';
import { Confirm } from './confirm.tsx';
import { useFactors } from './queries.ts';

interface Props {
  factors: Factors;
  onCodes: (codes: string[]) => void;
}

export function Authenticator({ factors, onCodes }: Props) {
  const { t } = useTranslation('account');
  const { beginTotp, removeTotp } = useFactors();
  const [begun, setBegun] = useState<NewTotp>();
  const [removing, setRemoving] = useState(false);
  return (
    <Card
      title={t('totp.title')}
      lead={t(factors.totp ? 'totp.on' : 'totp.off')}
      actions={
        <>
          <Button
            variant={factors.totp ? 'default' : 'filled'}
            loading={beginTotp.isPending}
            onClick={() => beginTotp.mutate(undefined, { onSuccess: setBegun })}
            data-testid="set-up-totp"
          >
            {t(factors.totp ? 'totp.replace' : 'totp.add')}
          </Button>
          {factors.totp && (
            <Button variant="default" onClick={() => setRemoving(true)}>
              {t('totp.remove')}
            </Button>
          )}
        </>
      }
    >
      {beginTotp.error && <Trouble error={beginTotp.error} />}
      <Dialog
        opened={begun !== undefined}
        onClose={() => setBegun(undefined)}
        title={t('totp.setTitle')}
      >
        {begun && (
          <SetUp
            begun={begun}
            onDone={(codes) => {
              setBegun(undefined);
              if (codes) onCodes(codes);
            }}
          />
        )}
      </Dialog>
      <Confirm
        opened={removing}
        onClose={() => setRemoving(false)}
        title={t('totp.removeTitle')}
        text={t('totp.removeText')}
        action={t('totp.remove')}
        mutation={removeTotp}
        onConfirm={() => removeTotp.mutate(undefined, { onSuccess: () => setRemoving(false) })}
      />
    </Card>
  );
}

function SetUp({ begun, onDone }: { begun: NewTotp; onDone: (codes?: string[]) => void }) {
  const { t } = useTranslation('account');
  const { t: words } = useTranslation('sign-in');
  const { confirmTotp } = useFactors();
  const [code, setCode] = useState('');
  const { reason } = asApiError(confirmTotp.error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim())
          confirmTotp.mutate(code, { onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes) });
      }}
    >
      <Stack gap="md">
        <Text>{t('totp.scan')}</Text>
        <div className={classes.setup}>
          <Qr value={begun.uri} label={t('totp.qr')} />
          <div className={classes.setupWords}>
            <Text size="sm" c="dimmed">
              {t('totp.key')}
            </Text>
            <code className={classes.secret} data-testid="totp-secret">
              {begun.secret}
            </code>
            <CopyButton value={begun.secret}>
              {({ copied, copy }) => (
                <Button variant="default" size="sm" mt="xs" onClick={copy}>
                  {t(copied ? 'totp.copied' : 'totp.copy')}
                </Button>
              )}
            </CopyButton>
          </div>
        </div>
        {confirmTotp.error && reason === 'bad-credentials' && (
          <Notice tone="bad" title={t('totp.refused')} />
        )}
        {confirmTotp.error && reason === 'conflict' && (
          <Notice tone="bad" title={t('totp.expired')} />
        )}
        {confirmTotp.error && reason !== 'bad-credentials' && reason !== 'conflict' && (
          <Trouble error={confirmTotp.error} kept />
        )}
        <TextInput
          label={t('totp.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={16}
          data-autofocus
          error={code && !/^[\d\s]*$/.test(code) ? words('factor.needCode') : undefined}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={confirmTotp.isPending}>
          {t('totp.confirm')}
        </Button>
      </Stack>
    </form>
  );
}
