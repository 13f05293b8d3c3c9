/** The link and its PIN, shown once: the code to scan, the address to send, the six digits to tell by another way. */
import { Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { NewLink } from '@afar/sharing/contract';
import { Qr } from '../../../kit/qr.tsx';
import { Notice } from '../../../kit/trouble.tsx';
import classes from './links.module.css';

export function LinkMade({ made, onDone }: { made: NewLink; onDone: () => void }) {
  const { t } = useTranslation('links');
  return (
    <Stack gap="lg">
      <div className={classes.made}>
        <div className={classes.code} data-testid="qr">
          <Qr value={made.url} label={t('made.qr')} />
        </div>
        <div>
          <Text fw={600}>{t('made.pin')}</Text>
          <p className={classes.pin} data-testid="pin" aria-label={made.pin.split('').join(' ')}>
            {made.pin}
          </p>
          <Text c="dimmed" size="sm">
            {t('made.pinHint')}
          </Text>
        </div>
      </div>
      <div>
        <Text fw={600} mb={4}>
          {t('made.link')}
        </Text>
        <p className={classes.url} data-testid="url">
          {made.url}
        </p>
        <CopyButton value={made.url}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              mt="xs"
              leftSection={copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
              onClick={copy}
            >
              {copied ? t('made.copied') : t('made.copy')}
            </Button>
          )}
        </CopyButton>
      </div>
      <Notice title={t('made.once')}>{t('made.onceText')}</Notice>
      <Group>
        <Button onClick={onDone} data-testid="link-done">
          {t('made.done')}
        </Button>
      </Group>
    </Stack>
  );
}
