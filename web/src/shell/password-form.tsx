/** E-mail and password; every fault said at once, beside its field. */
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Me } from '@afar/access/contract';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useSession } from './session.ts';

interface Props {
  onSignedIn: (me: Me) => void;
  onSecondFactor: () => void;
}

export function PasswordForm({ onSignedIn, onSecondFactor }: Props) {
  const { t } = useTranslation('shell');
  const session = useSession();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('signIn.needEmail')),
      password: (value) => (value ? null : t('signIn.needPassword')),
    },
  });
  const signIn = useMutation({
    mutationFn: (values: { email: string; password: string }) =>
      session.signIn(values.email.trim(), values.password),
    // The button was disabled meanwhile and lost the focus: it goes to what is most likely to be mended.
    onError: () => form.getInputNode('password')?.focus(),
    onSuccess: (answer) => (answer === 'second-factor' ? onSecondFactor() : onSignedIn(answer)),
  });

  return (
    <form onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
      <Stack gap="md">
        {signIn.error && <SignInTrouble error={signIn.error} />}
        <TextInput
          label={t('signIn.email')}
          type="email"
          name="email"
          autoComplete="username"
          inputMode="email"
          autoCapitalize="none"
          spellCheck={false}
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('signIn.password')}
          size="md"
          name="password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" size="lg" fullWidth loading={signIn.isPending}>
          {t('signIn.submit')}
        </Button>
        <Text size="sm" c="dimmed">
          {t('signIn.help')}
        </Text>
      </Stack>
    </form>
  );
}

function SignInTrouble({ error }: { error: unknown }) {
  const { t } = useTranslation('shell');
  const { status } = asApiError(error);
  if (status === 401 || status === 422 || status === 400)
    return <Notice tone="bad" title={t('signIn.refused')} />;
  if (status === 429) return <Notice tone="bad" title={t('signIn.locked')} />;
  return <Trouble error={error} kept />;
}
