/** A new account: who she is and what she may be; the server makes the password. */
import { Button, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { NewUserSecrets, SignInRole } from '@afar/access/contract';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useOffice } from './queries.ts';

// A patient's account belongs to a chart and is made where the chart is made, not here.
const roles = ['practitioner', 'nurse', 'administrator', 'auditor'] as const satisfies SignInRole[];

export function NewUserForm({ onMade }: { onMade: (made: NewUserSecrets) => void }) {
  const { t } = useTranslation('office');
  const { t: shell } = useTranslation('shell');
  const { create } = useOffice();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', email: '', role: 'nurse' as SignInRole },
    validate: {
      name: (value) => (value.trim().length > 1 ? null : t('new.needName')),
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('new.needEmail')),
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name, email, role }) =>
        create.mutate({ name: name.trim(), email: email.trim(), role }, { onSuccess: onMade }),
      )}
    >
      <Stack gap="md">
        {create.error &&
          (asApiError(create.error).status === 409 ? (
            <Notice tone="bad" title={t('new.taken')} />
          ) : (
            <Trouble error={create.error} kept />
          ))}
        <TextInput
          label={t('new.name')}
          autoComplete="off"
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('new.email')}
          type="email"
          autoComplete="off"
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <Select
          label={t('new.role')}
          size="md"
          allowDeselect={false}
          data={roles.map((role) => ({ value: role, label: shell(`role.${role}`) }))}
          key={form.key('role')}
          {...form.getInputProps('role')}
        />
        <Text size="sm" c="dimmed">
          {t('new.help')}
        </Text>
        <Button type="submit" loading={create.isPending}>
          {t('new.submit')}
        </Button>
      </Stack>
    </form>
  );
}
