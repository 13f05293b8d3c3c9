/** Asks why; the clinician reads the answer. */
import { Button, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../kit/dialog.tsx';

interface Props {
  title: string;
  onSay: (reason: string) => void;
  onClose: () => void;
}

export function ReasonDialog({ title, onSay, onClose }: Props) {
  const { t } = useTranslation('licences');
  const [reason, setReason] = useState('');
  return (
    <Dialog opened onClose={onClose} title={title}>
      <Stack gap="md">
        <Textarea
          label={t('reason')}
          description={t('reasonHint')}
          autosize
          minRows={3}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button disabled={!reason.trim()} onClick={() => onSay(reason.trim())}>
          {title}
        </Button>
      </Stack>
    </Dialog>
  );
}
