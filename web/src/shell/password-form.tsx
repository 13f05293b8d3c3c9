/** A passkey, or e-mail and password; every fault said at once, beside its field. */
import { Anchor, Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me, SecondFactor } from '@afar/access/contract';
import { ApiError, asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { hasPasskeys, offerPasskeys, showPasskey } from './passkey.ts';
import { useSession } from './session.ts';

interface Props {
  onSignedIn: (me: Me) => void;
  onSecondFactor: (methods: SecondFactor[]) => void;
  onForgotten: () => void;
}

export function PasswordForm({ onSignedIn, onSecondFactor, onForgotten }: Props) {
  const { t } = useTranslation(['shell', 'sign-in']);
  const session = useSession();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) =>
        /^\S+@\S+$|^(\+|00)[\d\s()./-]{6,20}$/.test(value.trim()) ? null : t('signIn.needEmail'),
      password: (value) => (value ? null : t('signIn.needPassword')),
    },
  });
  const signIn = useMutation({
    mutationFn: (values: { email: string; password: string }) =>
      session.signIn(values.email.trim(), values.password),
    // The button was disabled meanwhile and lost the focus: it goes to what is most likely to be mended.
    onError: () => form.getInputNode('password')?.focus(),
    onSuccess: (answer) =>
      'methods' in answer ? onSecondFactor(answer.methods) : onSignedIn(answer),
  });
  const stopOffer = useRef<() => void>(undefined);
  const passkey = useMutation({
    mutationFn: async (shown?: Parameters<typeof session.passkey>[0]) => {
      // An offer that is still on its way would break off what she asks for now.
      if (!shown) stopOffer.current?.();
      return session.passkey(shown ?? (await showPasskey('sign-in')));
    },
    onSuccess: onSignedIn,
  });
  const chosen = useEffectEvent((shown: Parameters<typeof session.passkey>[0]) =>
    passkey.mutate(shown),
  );
  useEffect(() => {
    if (!hasPasskeys()) return undefined;
    const stop = offerPasskeys((shown) => chosen(shown));
    stopOffer.current = stop;
    return stop;
  }, []);
  return (
    <form onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
      <Stack gap="md">
        {signIn.error && <SignInTrouble error={signIn.error} />}
        {passkey.error && !signIn.error && <PasskeyTrouble error={passkey.error} />}
        <TextInput
          label={t('signIn.email')}
          type="email"
          name="email"
          autoComplete="username webauthn"
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
        <Anchor component="button" type="button" size="sm" ta="start" onClick={onForgotten}>
          {t('sign-in:forgot')}
        </Anchor>
        {hasPasskeys() && (
          <>
            <Divider label={t('sign-in:passkey.or')} labelPosition="center" />
            <Button
              variant="default"
              size="lg"
              fullWidth
              leftSection={<IconFingerprint size={22} aria-hidden="true" />}
              loading={passkey.isPending}
              onClick={() => passkey.mutate(undefined)}
            >
              {t('sign-in:passkey.button')}
            </Button>
          </>
        )}
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

function PasskeyTrouble({ error }: { error: unknown }) {
  const { t } = useTranslation(['sign-in', 'shell']);
  // The browser's own dialog was closed, or there was nothing to choose from.
  if (!(error instanceof ApiError)) return <Notice tone="bad" title={t('passkey.failed')} />;
  if (error.status === 401) return <Notice tone="bad" title={t('passkey.refused')} />;
  if (error.status === 429) return <Notice tone="bad" title={t('shell:signIn.locked')} />;
  return <Trouble error={error} kept />;
}
