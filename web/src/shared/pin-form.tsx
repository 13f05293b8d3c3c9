/** The PIN, and who looks if she says so. */
import { Button, PinInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OpenedLink } from '@afar/sharing/contract';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { openLink } from './queries.ts';

/** The server says how many tries are left, in its one sentence. */
const leftIn = (text: string | undefined): number =>
  Number(/^(\d) tries/.exec(text ?? '')?.[1] ?? 0);

export function PinForm({
  secret,
  onOpened,
}: {
  secret: string;
  onOpened: (opened: OpenedLink) => void;
}) {
  const { t } = useTranslation('links');
  const [pin, setPin] = useState('');
  const [name, setName] = useState('');
  const label = useId();
  const open = useMutation({
    mutationFn: openLink,
    onSuccess: onOpened,
    onError: () => setPin(''),
  });
  const error = open.error && asApiError(open.error);
  const left = leftIn(error?.issues[0]?.diagnostics);
  const submit = (digits: string) => {
    if (digits.length === 6 && !open.isPending)
      open.mutate({ secret, pin: digits, ...(name.trim() && { name: name.trim() }) });
  };
  if (error?.status === 404)
    return (
      <Notice tone="warm" title={t('guest.gone')}>
        {t('guest.goneText')}
      </Notice>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit(pin);
      }}
    >
      <Stack gap="lg" maw={420}>
        {error?.status === 401 && (
          <Notice tone="bad" title={t('guest.wrong')}>
            {left > 0 ? t('guest.tries', { count: left }) : t('guest.dead')}
          </Notice>
        )}
        {error && error.status !== 401 && <Trouble error={open.error} kept />}
        <TextInput
          label={t('guest.name')}
          description={t('guest.nameHint')}
          maxLength={100}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div>
          <Text id={label} fw={550} mb={6}>
            {t('guest.pin')}
          </Text>
          <PinInput
            length={6}
            type="number"
            size="lg"
            value={pin}
            onChange={setPin}
            getInputProps={(index) => ({ 'aria-label': `${t('guest.pin')} ${index + 1}` })}
            aria-labelledby={label}
          />
        </div>
        <Button
          type="submit"
          size="lg"
          disabled={pin.length < 6}
          loading={open.isPending}
          data-testid="open-link"
        >
          {t('guest.open')}
        </Button>
      </Stack>
    </form>
  );
}
