/** Words of an emergency were found: the number first, sending second. */
import { Button, Stack, Text } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../kit/dialog.tsx';
import { emergencyNumber } from '../kit/emergency.ts';
import { useReader } from '../shell/session.ts';

interface Props {
  opened: boolean;
  sending: boolean;
  onSend: () => void;
  onClose: () => void;
}

export function RedFlag({ opened, sending, onSend, onClose }: Props) {
  const { t } = useTranslation('messages');
  const { zone } = useReader();
  const number = emergencyNumber(zone);
  return (
    <Dialog opened={opened} onClose={onClose} title={t('redFlag.title')}>
      <Stack gap="md" data-testid="red-flag">
        <Text>{t('redFlag.text')}</Text>
        <Button
          component="a"
          href={`tel:${number}`}
          color="red"
          size="lg"
          leftSection={<IconPhone size={22} aria-hidden="true" />}
          data-autofocus
        >
          {t('emergency.call', { number })}
        </Button>
        <Text c="dimmed">{t('redFlag.promise')}</Text>
        <Button variant="default" loading={sending} onClick={onSend} data-testid="send-anyway">
          {t('redFlag.send')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onClose}>
          {t('redFlag.back')}
        </Button>
      </Stack>
    </Dialog>
  );
}
