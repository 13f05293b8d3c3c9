/** A name for a passkey or a device. */
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  initial: string;
  lead?: string;
  submit: string;
  pending: boolean;
  onName: (name: string) => void;
  children?: ReactNode;
}

export function NameForm({ initial, lead, submit, pending, onName, children }: Props) {
  const { t } = useTranslation('account');
  const [name, setName] = useState(initial);
  const [empty, setEmpty] = useState(false);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setEmpty(!name.trim());
        if (name.trim()) onName(name.trim());
      }}
    >
      <Stack gap="md">
        {lead && <Text>{lead}</Text>}
        {children}
        <TextInput
          label={t('passkeys.name')}
          maxLength={60}
          autoComplete="off"
          data-autofocus
          error={empty ? t('passkeys.needName') : undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={pending}>
          {submit}
        </Button>
      </Stack>
    </form>
  );
}
