/** A prescription is presented at the counter: its link (or what the QR code holds) and the PIN. */
import { Button, Group, PinInput, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OpenedLink } from '@afar/sharing/contract';
import { api, asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';

/** The secret in a link, or alone as some scanners give it. */
const secretIn = (text: string): string | undefined => /(?:^|#)([\w-]{43})$/.exec(text.trim())?.[1];

export function PresentForm() {
  const { t } = useTranslation('cosign');
  const { t: links } = useTranslation('links');
  const client = useQueryClient();
  const [link, setLink] = useState('');
  const [pin, setPin] = useState('');
  const label = useId();
  const secret = secretIn(link);
  const open = useMutation({
    mutationFn: () => api.post<OpenedLink>('/api/links/open', { secret, pin }),
    onSuccess: () => {
      setLink('');
      void client.invalidateQueries({ queryKey: ['prescriptions'] });
    },
    onSettled: () => setPin(''),
  });
  const error = open.error && asApiError(open.error);
  const left = Number(/^(\d) tries/.exec(error?.issues[0]?.diagnostics ?? '')?.[1] ?? 0);
  return (
    <form
      data-testid="present"
      onSubmit={(event) => {
        event.preventDefault();
        if (secret && pin.length === 6) open.mutate();
      }}
    >
      {error?.status === 401 && (
        <Notice tone="bad" title={links('guest.wrong')}>
          {left > 0 ? links('guest.tries', { count: left }) : links('guest.dead')}
        </Notice>
      )}
      {error?.status === 404 && <Notice tone="warm" title={t('rx.gone')} />}
      {error && error.status !== 401 && error.status !== 404 && <Trouble error={open.error} kept />}
      {open.isSuccess && <Notice tone="good" title={t('rx.opened')} />}
      <Group align="flex-end" gap="lg" mt="sm">
        <TextInput
          style={{ flex: '1 1 16rem' }}
          label={t('rx.link')}
          description={t('rx.linkHint')}
          error={link.trim() !== '' && !secret && t('rx.noLink')}
          autoComplete="off"
          spellCheck={false}
          value={link}
          onChange={(event) => setLink(event.currentTarget.value)}
        />
        <div>
          <Text id={label} size="sm" fw={550} mb={6}>
            {links('guest.pin')}
          </Text>
          <PinInput
            length={6}
            type="number"
            value={pin}
            onChange={setPin}
            getInputProps={(index) => ({ 'aria-label': `${links('guest.pin')} ${index + 1}` })}
            aria-labelledby={label}
          />
        </div>
        <Button type="submit" disabled={!secret || pin.length < 6} loading={open.isPending}>
          {t('rx.open')}
        </Button>
      </Group>
    </form>
  );
}
