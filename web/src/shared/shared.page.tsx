/** The guest's page: the secret comes in the fragment, leaves the address bar at once, and is sent with the PIN alone. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAddressSecret } from '../kit/address-secret.ts';
import { Page, Pending } from '../kit/page.tsx';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { PinForm } from './pin-form.tsx';
import { leave, sharedQuery } from './queries.ts';
import { SharedRecord } from './record.tsx';

type Step = 'pin' | 'open' | 'presented' | 'left';

const asSecret = (text: string): string | undefined => /^[\w-]{43}$/.exec(text)?.[0];

export function SharedPage() {
  const { t } = useTranslation('links');
  const client = useQueryClient();
  const secret = asSecret(useAddressSecret());
  const [step, setStep] = useState<Step>('pin');

  // Read again, the page has no secret any more: what is open in this browser stays open.
  const still = useQuery({ ...sharedQuery, enabled: step === 'pin' && !secret });
  const none = still.isError && asApiError(still.error).status === 401;
  const shown = step === 'open' || (step === 'pin' && still.isSuccess);

  async function end(): Promise<void> {
    await leave().catch(() => undefined);
    setStep('left');
    client.removeQueries({ queryKey: ['shared'] });
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
      {step === 'pin' && !secret && still.isPending && <Pending rows={2} />}
      {step === 'pin' && !secret && still.isError && !none && (
        <Trouble error={still.error} retry={() => void still.refetch()} />
      )}
      {step === 'pin' && !secret && none && (
        <Notice tone="warm" title={t('guest.noSecret')}>
          {t('guest.noSecretText')}
        </Notice>
      )}
      {shown && <SharedRecord onLeave={() => void end()} />}
      {step === 'presented' && (
        <Notice tone="good" title={t('guest.presented')}>
          {t('guest.presentedText')}
        </Notice>
      )}
      {step === 'left' && <Notice title={t('guest.left')}>{t('guest.leftText')}</Notice>}
    </Page>
  );
}
