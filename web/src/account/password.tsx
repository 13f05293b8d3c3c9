/** Her password, changed with the one before. */
import { Button, PasswordInput, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Notice } from '../kit/trouble.tsx';
import { PasswordFault } from '../shell/password-fault.tsx';
import { Card } from './card.tsx';
import { useUpdateMe } from './queries.ts';

export function Password() {
  const { t } = useTranslation('account');
  const [changing, setChanging] = useState(false);
  return (
    <Card
      title={t('password.title')}
      lead={t('password.lead')}
      actions={
        <Button variant="default" onClick={() => setChanging(true)}>
          {t('password.change')}
        </Button>
      }
    >
      <Dialog opened={changing} onClose={() => setChanging(false)} title={t('password.change')}>
        <ChangePassword
          onDone={() => {
            setChanging(false);
            notifications.show({ message: t('password.done') });
          }}
        />
      </Dialog>
    </Card>
  );
}

function ChangePassword({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('account');
  const { t: shell } = useTranslation('shell');
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const update = useUpdateMe();
  const { status, reason } = asApiError(update.error);
  const toggle = { 'aria-label': t('password.show') };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (current && next) update.mutate({ password: { current, next } }, { onSuccess: onDone });
      }}
    >
      <Stack gap="md">
        {update.error && reason === 'bad-credentials' && (
          <Notice tone="bad" title={t('password.wrong')} />
        )}
        {update.error && status === 429 && <Notice tone="bad" title={shell('signIn.locked')} />}
        {update.error && reason !== 'bad-credentials' && status !== 429 && (
          <PasswordFault error={update.error} />
        )}
        <PasswordInput
          label={t('password.current')}
          size="md"
          required
          autoComplete="current-password"
          data-autofocus
          visibilityToggleButtonProps={toggle}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('password.next')}
          description={t('password.nextHelp')}
          size="md"
          required
          autoComplete="new-password"
          visibilityToggleButtonProps={toggle}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Button type="submit" loading={update.isPending}>
          {t('password.change')}
        </Button>
      </Stack>
    </form>
  );
}
