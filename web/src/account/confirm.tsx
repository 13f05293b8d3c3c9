/** "Really?": says what will happen, does it, and stays open with the reason when it did not. */
import { Button, Group, Stack, Text } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';

interface Props<T> {
  opened: boolean;
  onClose: () => void;
  title: string;
  text: string;
  action: string;
  mutation: UseMutationResult<unknown, Error, T>;
  onConfirm: () => void;
}

export function Confirm<T>(props: Props<T>) {
  const { opened, onClose, title, text, action, mutation, onConfirm } = props;
  const { t } = useTranslation('account');
  const { t: common } = useTranslation();
  const close = (): void => {
    mutation.reset();
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={close} title={title}>
      <Stack gap="md">
        <Text>{text}</Text>
        {mutation.error &&
          (asApiError(mutation.error).reason === 'business-rule' ? (
            <Notice tone="bad" title={t('lastFactor')} />
          ) : (
            <Trouble error={mutation.error} />
          ))}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {common('cancel')}
          </Button>
          <Button loading={mutation.isPending} onClick={onConfirm} data-autofocus>
            {action}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
