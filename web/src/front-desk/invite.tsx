/** An invitation for a chart: a link to hand over or mail, and the code to tell. Shown once. */
import { Button, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMailForward } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Invited } from '@afar/enrolment/contract';
import { asApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Qr } from '../kit/qr.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import { invite } from './queries.ts';

export function InviteButton({ patient }: { patient: string }) {
  const { t } = useTranslation('desk');
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconMailForward size={18} aria-hidden="true" />}
        onClick={open}
      >
        {t('invite.button')}
      </Button>
      <Dialog opened={opened} onClose={close} title={t('invite.title')} closeOnClickOutside={false}>
        {opened && <InviteForm patient={patient} />}
      </Dialog>
    </>
  );
}

function InviteForm({ patient }: { patient: string }) {
  const { t, i18n } = useTranslation('desk');
  const [email, setEmail] = useState('');
  const asking = useMutation({ mutationFn: invite });
  if (asking.data) return <Shown invited={asking.data} />;
  const status = asking.error && asApiError(asking.error).status;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const to = email.trim();
        asking.mutate({ patient, locale: i18n.language, ...(to && { email: to }) });
      }}
    >
      <Stack gap="md">
        <Text>{t('invite.lead')}</Text>
        {status === 409 && <Notice tone="bad" title={t('invite.has')} />}
        {asking.error && status !== 409 && status !== 400 && <Trouble error={asking.error} kept />}
        <TextInput
          label={t('invite.email')}
          description={t('invite.emailHelp')}
          type="email"
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={status === 400 && t('invite.emailWrong')}
        />
        <Button type="submit" loading={asking.isPending}>
          {t('invite.make')}
        </Button>
      </Stack>
    </form>
  );
}

function Shown({ invited }: { invited: Invited }) {
  const { t } = useTranslation('desk');
  return (
    <Stack gap="md">
      {invited.mailed && <Notice tone="good" title={t('invite.mailed')} />}
      <Qr value={invited.url} label={t('invite.qr')} />
      <TextInput label={t('invite.link')} readOnly value={invited.url} />
      <Group>
        <CopyButton value={invited.url}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'invite.copied' : 'invite.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Text>
        {t('invite.code')} <strong>{invited.code}</strong>
      </Text>
      <Text c="dimmed">
        {t('invite.until')} <When at={invited.expiresAt} />
      </Text>
    </Stack>
  );
}
