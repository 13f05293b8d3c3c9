/** Something was asked of a second administrator: what happens next, and the password that is shown only now. */
import { Button, Code, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AskedUser } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { Notice } from '../kit/trouble.tsx';
import { Secret } from './secrets.tsx';

interface Props {
  asked: AskedUser | undefined;
  onDone: () => void;
}

export function AskedDialog({ asked, onDone }: Props) {
  const { t } = useTranslation('approvals');
  const { t: common } = useTranslation();
  const name = String(asked?.approval.about.name ?? '');
  return (
    <Dialog
      opened={asked !== undefined}
      onClose={onDone}
      title={t('asked.title')}
      size="lg"
      closeOnClickOutside={false}
    >
      <Stack gap="lg" data-testid="asked">
        {asked?.deciders === 0 ? (
          <Notice tone="warm" title={t('asked.none').split(': ')[0]!}>
            <Code>{t('asked.none').split(': ')[1]}</Code>
          </Notice>
        ) : (
          <Text>{t('asked.text')}</Text>
        )}
        {asked?.password && (
          <>
            <Secret label={t('asked.password', { name })} value={asked.password} />
            <Text size="sm" c="dimmed">
              {t('asked.once', { name })}
            </Text>
          </>
        )}
        <Button onClick={onDone}>{common('done')}</Button>
      </Stack>
    </Dialog>
  );
}
