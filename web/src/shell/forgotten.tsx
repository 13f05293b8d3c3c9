/** A forgotten password: where the code goes, the code, the second factor, the new password; one small page after another. */
import {
  Anchor,
  Button,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  ForgottenRequest,
  ForgottenSent,
  ForgottenStep,
  Me,
  SecondFactor,
} from '@afar/access/contract';
import { api, asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { PasswordFault } from './password-fault.tsx';
import { SecondFactorForm } from './second-factor.tsx';
import { useSession } from './session.ts';
import classes from './sign-in.module.css';

type Step =
  | { at: 'address' }
  | { at: 'code'; asked: ForgottenRequest; sent: ForgottenSent }
  | { at: 'factor'; methods: SecondFactor[] }
  | { at: 'password' };

interface Props {
  onSignedIn: (me: Me) => void;
  onBack: () => void;
}

export function Forgotten({ onSignedIn, onBack }: Props) {
  const { t } = useTranslation('sign-in');
  const [step, setStep] = useState<Step>({ at: 'address' });
  const go = (next: ForgottenStep): void =>
    setStep(
      next.status === 'new-password' ? { at: 'password' } : { at: 'factor', methods: next.methods },
    );
  return (
    <>
      {step.at === 'address' && (
        <AddressStep onSent={(asked, sent) => setStep({ at: 'code', asked, sent })} />
      )}
      {step.at === 'code' && (
        <CodeStep
          asked={step.asked}
          sent={step.sent}
          onSent={(sent) => setStep({ ...step, sent })}
          onStep={go}
        />
      )}
      {step.at === 'factor' && (
        <Part title={t('forgotten.factorTitle')} lead={t('forgotten.factorLead')}>
          <SecondFactorForm
            methods={step.methods}
            purpose="second-factor"
            prove={async (proof) =>
              go(await api.post<ForgottenStep>('/auth/forgotten/second-factor', proof))
            }
          />
        </Part>
      )}
      {step.at === 'password' && <PasswordStep onSignedIn={onSignedIn} />}
      <Anchor component="button" type="button" onClick={onBack} ta="start">
        {t('forgotten.back')}
      </Anchor>
    </>
  );
}

function Part({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <>
      <h1 className={classes.title}>{title}</h1>
      <Text c="dimmed">{lead}</Text>
      {children}
    </>
  );
}

const send = (asked: ForgottenRequest): Promise<ForgottenSent> =>
  api.post<ForgottenSent>('/auth/forgotten', asked);

function SendTrouble({ error }: { error: unknown }) {
  const { t } = useTranslation(['sign-in', 'shell']);
  if (!error) return null;
  const { status } = asApiError(error);
  if (status === 429) return <Notice tone="bad" title={t('shell:signIn.locked')} />;
  if (status === 501) return <Notice tone="bad" title={t('forgotten.noWay')} />;
  return <Trouble error={error} kept />;
}

function AddressStep({
  onSent,
}: {
  onSent: (asked: ForgottenRequest, sent: ForgottenSent) => void;
}) {
  const { t } = useTranslation(['sign-in', 'shell']);
  const [email, setEmail] = useState('');
  const [by, setBy] = useState<'email' | 'phone'>('email');
  const [wrong, setWrong] = useState(false);
  const sending = useMutation({
    mutationFn: send,
    onSuccess: (sent, asked) => onSent(asked, sent),
  });
  return (
    <Part title={t('forgotten.title')} lead={t('forgotten.lead')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const fits = /^\S+@\S+$/.test(email.trim());
          setWrong(!fits);
          if (fits) sending.mutate({ email: email.trim(), by });
        }}
      >
        <Stack gap="md">
          <SendTrouble error={sending.error} />
          <TextInput
            label={t('shell:signIn.email')}
            type="email"
            autoComplete="username"
            inputMode="email"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            error={wrong ? t('shell:signIn.needEmail') : undefined}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <SegmentedControl
            fullWidth
            aria-label={t('forgotten.by')}
            value={by}
            onChange={(next) => setBy(next as 'email' | 'phone')}
            data={[
              { value: 'email', label: t('forgotten.byEmail') },
              { value: 'phone', label: t('forgotten.byPhone') },
            ]}
          />
          <Button type="submit" size="lg" fullWidth loading={sending.isPending}>
            {t('forgotten.send')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('forgotten.staff')}
          </Text>
        </Stack>
      </form>
    </Part>
  );
}

interface CodeProps {
  asked: ForgottenRequest;
  sent: ForgottenSent;
  onSent: (sent: ForgottenSent) => void;
  onStep: (step: ForgottenStep) => void;
}

function CodeStep({ asked, sent, onSent, onStep }: CodeProps) {
  const { t } = useTranslation('sign-in');
  const { t: shell } = useTranslation('shell');
  const [code, setCode] = useState('');
  const checking = useMutation({
    mutationFn: () =>
      api.post<ForgottenStep>('/auth/forgotten/code', { ...asked, ticket: sent.ticket, code }),
    onSuccess: onStep,
  });
  const again = useMutation({ mutationFn: () => send(asked), onSuccess: onSent });
  const now = useNow(1000);
  const wait = Math.ceil((sent.resendAt - now) / 1000);
  const { status } = asApiError(checking.error);
  return (
    <Part title={t('forgotten.codeTitle')} lead={t('forgotten.codeLead')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim()) checking.mutate();
        }}
      >
        <Stack gap="md">
          {checking.error && status === 401 && (
            <Notice tone="bad" title={t('forgotten.codeRefused')} />
          )}
          {checking.error && status === 429 && <Notice tone="bad" title={shell('signIn.locked')} />}
          {checking.error && status !== 401 && status !== 429 && (
            <Trouble error={checking.error} kept />
          )}
          <SendTrouble error={again.error} />
          <TextInput
            label={t('factor.codeLabel')}
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
            maxLength={16}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Button type="submit" size="lg" fullWidth loading={checking.isPending}>
            {t('factor.submit')}
          </Button>
          <Button
            variant="default"
            fullWidth
            disabled={wait > 0}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {wait > 0 ? t('forgotten.againIn', { seconds: wait }) : t('forgotten.again')}
          </Button>
        </Stack>
      </form>
    </Part>
  );
}

function PasswordStep({ onSignedIn }: { onSignedIn: (me: Me) => void }) {
  const { t } = useTranslation('sign-in');
  const { t: shell } = useTranslation('shell');
  const { newPassword } = useSession();
  const [password, setPassword] = useState('');
  const saving = useMutation({ mutationFn: newPassword, onSuccess: onSignedIn });
  return (
    <Part title={t('forgotten.passwordTitle')} lead={t('forgotten.passwordLead')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (password) saving.mutate(password);
        }}
      >
        <Stack gap="md">
          {saving.error && <PasswordFault error={saving.error} />}
          <PasswordInput
            label={t('forgotten.password')}
            description={t('forgotten.after')}
            size="md"
            autoComplete="new-password"
            autoFocus
            visibilityToggleButtonProps={{ 'aria-label': shell('signIn.show') }}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="lg" fullWidth loading={saving.isPending}>
            {t('forgotten.save')}
          </Button>
        </Stack>
      </form>
    </Part>
  );
}
