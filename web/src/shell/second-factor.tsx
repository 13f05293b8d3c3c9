/** A second factor, whichever she has at hand: passkey, six digits, or a recovery code. */
import { Anchor, Button, PinInput, Stack, Text, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FactorProof, SecondFactor } from '@afar/access/contract';
import { ApiError, asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { hasPasskeys, showPasskey } from './passkey.ts';

interface Props {
  methods: readonly SecondFactor[];
  purpose: 'second-factor' | 'step-up';
  /** Sends it; rejects when it was wrong. */
  prove: (proof: FactorProof) => Promise<unknown>;
}

export function SecondFactorForm({ methods, purpose, prove }: Props) {
  const { t } = useTranslation('sign-in');
  const usable = methods.filter((one) => one !== 'passkey' || hasPasskeys());
  const [method, setMethod] = useState<SecondFactor>(usable[0] ?? methods[0] ?? 'totp');
  const sending = useMutation({ mutationFn: prove });
  const choose = (next: SecondFactor): void => {
    sending.reset();
    setMethod(next);
  };
  const Form = { passkey: PasskeyForm, totp: DigitsForm, recovery: RecoveryForm }[method];
  return (
    <Stack gap="md">
      <Form
        purpose={purpose}
        pending={sending.isPending}
        error={sending.error}
        send={(proof) => sending.mutateAsync(proof)}
      />
      {usable
        .filter((one) => one !== method)
        .map((one) => (
          <Anchor key={one} component="button" type="button" ta="start" onClick={() => choose(one)}>
            {t(`factor.to.${one}`)}
          </Anchor>
        ))}
    </Stack>
  );
}

interface FormProps {
  purpose: Props['purpose'];
  pending: boolean;
  error: unknown;
  send: (proof: FactorProof) => Promise<unknown>;
}

/** What went wrong: a wrong proof is said in words of its own. */
function FactorTrouble({ error, refused }: { error: unknown; refused: string }) {
  const { t } = useTranslation('shell');
  if (!error) return null;
  const { reason, status } = asApiError(error);
  if (reason === 'bad-credentials') return <Notice tone="bad" title={refused} />;
  if (reason === 'unauthenticated') return <Expired />;
  if (status === 429) return <Notice tone="bad" title={t('signIn.locked')} />;
  return <Trouble error={error} />;
}

function Expired() {
  const { t } = useTranslation('sign-in');
  return <Notice tone="bad" title={t('factor.expired')} />;
}

function PasskeyForm({ purpose, pending, error, send }: FormProps) {
  const { t } = useTranslation('sign-in');
  const asking = useMutation({
    mutationFn: async () => {
      const passkey = await showPasskey(purpose);
      await send({ passkey }).catch(() => undefined); // told below
    },
  });
  // Whoever closes the browser's own dialog throws what is no answer of the server.
  const closed = asking.error && !(asking.error instanceof ApiError);
  return (
    <Stack gap="md">
      <Text c="dimmed">{t('factor.passkeyLead')}</Text>
      {closed ? (
        <Notice tone="bad" title={t('factor.passkeyRefused')} />
      ) : (
        <FactorTrouble error={error ?? asking.error} refused={t('factor.passkeyRefused')} />
      )}
      <Button
        size="lg"
        fullWidth
        data-autofocus
        leftSection={<IconFingerprint size={22} aria-hidden="true" />}
        loading={pending || asking.isPending}
        onClick={() => asking.mutate()}
        data-testid="use-passkey"
      >
        {t('factor.usePasskey')}
      </Button>
    </Stack>
  );
}

function DigitsForm({ pending, error, send }: FormProps) {
  const { t } = useTranslation('sign-in');
  const [code, setCode] = useState('');
  const [short, setShort] = useState(false);
  const label = useId();
  const cells = useRef<HTMLDivElement>(null);
  const submit = (digits: string): void => {
    if (pending) return;
    setShort(digits.length < 6);
    if (digits.length < 6) return;
    send({ code: digits }).catch(() => {
      setCode('');
      cells.current?.querySelector('input')?.focus();
    });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit(code);
      }}
    >
      <Stack gap="md">
        <Text c="dimmed">{t('factor.totpLead')}</Text>
        <FactorTrouble error={error} refused={t('factor.codeRefused')} />
        {short && <Notice tone="bad" title={t('factor.needCode')} />}
        <div ref={cells} role="group" aria-labelledby={label} data-testid="second-factor">
          <Text id={label} fw={550} mb={6}>
            {t('factor.codeLabel')}
          </Text>
          <PinInput
            length={6}
            type="number"
            size="lg"
            oneTimeCode
            autoFocus
            value={code}
            onChange={setCode}
            onComplete={submit}
            getInputProps={(index) => ({
              'aria-label': `${t('factor.codeLabel')}, ${index + 1}/6`,
            })}
            aria-label={t('factor.codeLabel')}
          />
        </div>
        <Button type="submit" size="lg" fullWidth loading={pending}>
          {t('factor.submit')}
        </Button>
      </Stack>
    </form>
  );
}

function RecoveryForm({ pending, error, send }: FormProps) {
  const { t } = useTranslation('sign-in');
  const [recovery, setRecovery] = useState('');
  const [empty, setEmpty] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setEmpty(!recovery.trim());
        if (recovery.trim()) send({ recovery }).catch(() => undefined); // told above the field
      }}
    >
      <Stack gap="md">
        <Text c="dimmed">{t('factor.recoveryLead')}</Text>
        <FactorTrouble error={error} refused={t('factor.recoveryRefused')} />
        <TextInput
          label={t('factor.recoveryLabel')}
          error={empty ? t('factor.needRecovery') : undefined}
          autoFocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          value={recovery}
          onChange={(event) => setRecovery(event.currentTarget.value)}
        />
        <Button type="submit" size="lg" fullWidth loading={pending}>
          {t('factor.submit')}
        </Button>
      </Stack>
    </form>
  );
}
