/** "Is it still you?": opens when the server asks for a fresh proof, and lets the request go on once it is shown. */
import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me, StepUpRequest } from '@afar/access/contract';
import { api, asApiError, watch } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { SecondFactorForm } from './second-factor.tsx';
import { demoQuery, meQuery } from './session.ts';

interface Asking {
  answer: Promise<boolean>;
  settle: (shown: boolean) => void;
}

let asking: Asking | undefined;
const listeners = new Set<() => void>();
const set = (next: Asking | undefined): void => {
  asking = next;
  for (const listener of listeners) listener();
};

/** One dialog for all requests that wait for the same proof. */
function askProof(): Promise<boolean> {
  if (asking) return asking.answer;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  set({
    answer: promise,
    settle: (shown) => {
      set(undefined);
      resolve(shown);
    },
  });
  return promise;
}

// Escape means this dialog alone: the one beneath, whose button was pressed, stays with what was typed there. Heard before any
// dialog of the library, which would all close.
window.addEventListener(
  'keydown',
  (event) => {
    if (!asking || event.key !== 'Escape' || event.isComposing) return;
    event.stopImmediatePropagation();
    asking.settle(false);
  },
  { capture: true },
);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // From the first dialog on the page, requests wait for it.
  watch.proof = askProof;
  return () => listeners.delete(listener);
}

/** Sits beside every page; nothing is seen of it until a request is refused for want of a fresh proof. */
export function StepUp() {
  const { t } = useTranslation('sign-in');
  const { data: me } = useQuery(meQuery);
  const open = useSyncExternalStore(subscribe, () => asking);
  return (
    <Dialog
      opened={open !== undefined && Boolean(me)}
      onClose={() => open?.settle(false)}
      title={t('stepUp.title')}
      // Above the dialog whose button was pressed.
      zIndex={400}
      closeOnEscape={false}
    >
      {open && me && (
        <Stack gap="md" data-testid="step-up">
          <Text>{t('stepUp.lead')}</Text>
          <Proof me={me} onShown={() => open.settle(true)} />
        </Stack>
      )}
    </Dialog>
  );
}

function Proof({ me, onShown }: { me: Me; onShown: () => void }) {
  const { t } = useTranslation('sign-in');
  const demo = useQuery({ ...demoQuery, enabled: me.demo });
  const show = async (proof: StepUpRequest): Promise<void> => {
    await api.post('/auth/step-up', proof);
    onShown();
  };
  const skip = useMutation({
    mutationFn: () => api.post('/auth/demo/step-up'),
    onSuccess: onShown,
  });
  return (
    <>
      {me.factors.length > 0 ? (
        <SecondFactorForm methods={me.factors} purpose="step-up" prove={show} />
      ) : (
        <PasswordProof show={show} />
      )}
      {demo.data && (
        <Button variant="default" loading={skip.isPending} onClick={() => skip.mutate()}>
          {t('stepUp.demo')}
        </Button>
      )}
    </>
  );
}

function PasswordProof({ show }: { show: (proof: StepUpRequest) => Promise<void> }) {
  const { t } = useTranslation('sign-in');
  const { t: shell } = useTranslation('shell');
  const [password, setPassword] = useState('');
  const sending = useMutation({ mutationFn: () => show({ password }) });
  const { status, reason } = asApiError(sending.error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (password) sending.mutate();
      }}
    >
      <Stack gap="md">
        {sending.error && reason === 'bad-credentials' && (
          <Notice tone="bad" title={t('stepUp.passwordRefused')} />
        )}
        {sending.error && status === 429 && <Notice tone="bad" title={shell('signIn.locked')} />}
        {sending.error && reason !== 'bad-credentials' && status !== 429 && (
          <Trouble error={sending.error} kept />
        )}
        <PasswordInput
          label={t('stepUp.password')}
          size="md"
          autoComplete="current-password"
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': shell('signIn.show') }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="lg" loading={sending.isPending}>
          {t('factor.submit')}
        </Button>
      </Stack>
    </form>
  );
}
