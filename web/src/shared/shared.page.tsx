/** The guest's page: the secret comes in the fragment, leaves the address bar at once, and is sent with the PIN alone. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../kit/page.tsx';
import { Notice } from '../kit/trouble.tsx';
import { PinForm } from './pin-form.tsx';
import { leave } from './queries.ts';
import { SharedRecord } from './record.tsx';

type Step = 'pin' | 'open' | 'presented' | 'left';

const secretIn = (hash: string): string | undefined => /^#([\w-]{43})$/.exec(hash)?.[1];

export function SharedPage() {
  const { t } = useTranslation('links');
  const client = useQueryClient();
  const [secret] = useState(() => secretIn(location.hash));
  const [step, setStep] = useState<Step>('pin');

  // Nobody who looks over a shoulder, or at the history later, finds it in the address.
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, '', location.pathname);
  }, []);

  async function end(): Promise<void> {
    await leave().catch(() => undefined);
    client.removeQueries({ queryKey: ['shared'] });
    setStep('left');
  }

  return (
    <Page
      title={t('guest.title')}
      lead={step === 'pin' && secret ? t('guest.lead') : undefined}
      width="normal"
    >
      {step === 'pin' && secret && (
        <PinForm
          secret={secret}
          onOpened={({ as }) => setStep(as === 'own' ? 'presented' : 'open')}
        />
      )}
      {step === 'pin' && !secret && (
        <Notice tone="warm" title={t('guest.noSecret')}>
          {t('guest.noSecretText')}
        </Notice>
      )}
      {step === 'open' && <SharedRecord onLeave={() => void end()} />}
      {step === 'presented' && (
        <Notice tone="good" title={t('guest.presented')}>
          {t('guest.presentedText')}
        </Notice>
      )}
      {step === 'left' && <Notice title={t('guest.left')}>{t('guest.leftText')}</Notice>}
    </Page>
  );
}
