/** "This looks wrong": says what will happen, tells the privacy officer, and says that it was told. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ReaderEntry, ReaderReport } from '@afar/access/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { longDay } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import { useReaderWords } from './words.ts';

interface Props {
  patient: string;
  entry: ReaderEntry | undefined;
  onClose: () => void;
}

export function ReportDialog({ patient, entry, onClose }: Props) {
  const { t } = useTranslation('readers');
  return (
    <Dialog opened={entry !== undefined} onClose={onClose} title={t('report.title')}>
      {entry && <Report key={entry.reader.id} patient={patient} entry={entry} onClose={onClose} />}
    </Dialog>
  );
}

function Report({ patient, entry, onClose }: Props & { entry: ReaderEntry }) {
  const { t } = useTranslation('readers');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const words = useReaderWords();
  const { day, reader } = entry;
  const sending = useMutation({
    mutationFn: () =>
      api.post('/api/readers/report', { patient, day, reader: reader.id } satisfies ReaderReport),
  });
  if (sending.isSuccess)
    return (
      <Stack gap="md">
        <Notice tone="good" title={t('report.done')}>
          {t('report.next')}
        </Notice>
        <Button onClick={onClose} data-autofocus>
          {common('close')}
        </Button>
      </Stack>
    );
  return (
    <Stack gap="md">
      <Text>
        {t('report.text', {
          who: words.person(reader),
          day: longDay(day * 86_400_000, 'UTC', locale),
        })}
      </Text>
      {sending.isError && <Trouble error={sending.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          {common('cancel')}
        </Button>
        <Button loading={sending.isPending} onClick={() => sending.mutate()} data-autofocus>
          {t('report.send')}
        </Button>
      </Group>
    </Stack>
  );
}
