/** A signed file of the events on screen, for somebody who must be able to check it without us. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { EvidenceRequest } from '@afar/access/contract';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { clockTime, shortDate } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';

interface Props {
  opened: boolean;
  onClose: () => void;
  asked: EvidenceRequest;
}

function saveAs(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

export function EvidenceDialog({ opened, onClose, asked }: Props) {
  const { t } = useTranslation('oversight');
  const { t: common } = useTranslation();
  const { zone, locale } = useReader();
  const instant = (at: number): string =>
    `${shortDate(at, zone, locale)}, ${clockTime(at, zone, locale)}`;
  const making = useMutation({
    mutationFn: () => api.file('/api/auditor/evidence', asked),
    onSuccess: (file) => saveAs(file, `afar-evidence-${asked.from}.ndjson`),
  });
  return (
    <Dialog opened={opened} onClose={onClose} title={t('evidence.title')}>
      <Stack gap="md">
        <Text>{t('evidence.text')}</Text>
        <Text>
          {t('evidence.span', { from: instant(asked.from), to: instant(asked.to) })}
          {asked.who && <> {t('evidence.who')}</>}
          {asked.patient && <> {t('evidence.patient')}</>}
        </Text>
        {making.isError && <Trouble error={making.error} />}
        {making.isSuccess && (
          <Notice tone="good" title={t('evidence.done')}>
            <code>npm run afar -- audit verify --file …</code>
          </Notice>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {common('close')}
          </Button>
          <Button loading={making.isPending} onClick={() => making.mutate()} data-autofocus>
            {t('evidence.make')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
