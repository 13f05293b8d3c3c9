/** A new account: who she is and what she may be; the server makes the password. */
import { Button, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AskedUser, SignInRole } from '@afar/access/contract';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useOffice, usersQuery } from './queries.ts';

// A patient's account belongs to a chart and is made where the chart is made, not here.
const roles = [
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
  'administrator',
  'auditor',
] as const satisfies SignInRole[];
const supervised: readonly string[] = ['trainee', 'resident'];

export function NewUserForm({ onMade }: { onMade: (made: AskedUser) => void }) {
  const { t } = useTranslation('office');
  const { t: shell } = useTranslation('shell');
  const { t: roleWords } = useTranslation('approvals');
  const { create } = useOffice();
  const people = useInfiniteQuery(usersQuery);
  const [role, setRole] = useState<SignInRole>('nurse');
  const supervisors = (people.data?.pages ?? [])
    .flatMap((page) => page.users)
    .flatMap(({ role: of, status, name, fhirUser }) =>
      of === 'practitioner' && status === 'active' && fhirUser
        ? [{ value: fhirUser.id, label: name }]
        : [],
    );
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', email: '', role: 'nurse' as SignInRole, supervisor: '' },
    onValuesChange: (values) => setRole(values.role),
    validate: {
      name: (value) => (value.trim().length > 1 ? null : t('new.needName')),
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('new.needEmail')),
      supervisor: (value, { role: of }) =>
        supervised.includes(of) && !value ? t('new.needSupervisor') : null,
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name, email, role: of, supervisor }) =>
        create.mutate(
          {
            name: name.trim(),
            email: email.trim(),
            role: of,
            ...(supervised.includes(of) && { supervisor }),
          },
          { onSuccess: onMade },
        ),
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
          data={roles.map((one) => ({ value: one, label: shell(`role.${one}`) }))}
          description={roleWords(`roles.plain.${role}`)}
          key={form.key('role')}
          {...form.getInputProps('role')}
        />
        {supervised.includes(role) && (
          <Select
            label={t('new.supervisor')}
            description={t('new.supervisorHelp')}
            size="md"
            searchable
            data={supervisors}
            key={form.key('supervisor')}
            {...form.getInputProps('supervisor')}
          />
        )}
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
