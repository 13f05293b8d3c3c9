/** The patient is asked for a picture: she says yes or no, takes it, looks at it, and only then sends it. */
import { Button } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { StillView } from '@afar/visits/contract';
import { asApiError } from '../../../kit/api.ts';
import { Dialog } from '../../../kit/dialog.tsx';
import type { CallSession } from '../../call-session.ts';
import { Ask } from '../ask.tsx';
import type { StillDesk } from './still-desk.ts';
import { TakePicture } from './take-picture.tsx';

interface Props {
  desk: StillDesk;
  session: CallSession;
  name: string;
}

export function StillQuestion({ desk, session, name }: Props) {
  const { t } = useTranslation('panels');
  const { stills } = useSyncExternalStore(desk.subscribe, () => desk.state);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(false);
  const [sent, setSent] = useState(false);
  const last = stills.at(-1);
  const asked = last?.state === 'asked' ? last : undefined;
  const agreed = last?.state === 'agreed' ? last : undefined;
  const say = async (still: StillView, agree: boolean): Promise<void> => {
    setBusy(true);
    setFault(false);
    setSent(false);
    try {
      await desk.answer(still.id, agree);
    } catch (error) {
      // Answered already, perhaps in another tab: then the list says so.
      if (asApiError(error).status === 409) await desk.look();
      else setFault(true);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {asked && (
        <Ask
          key={asked.id}
          testid="still-question"
          title={t('stills.question', { name })}
          deeds={
            <>
              <Button
                loading={busy}
                onClick={() => void say(asked, true)}
                data-testid="still-agree"
              >
                {t('stills.yes')}
              </Button>
              <Button variant="default" disabled={busy} onClick={() => void say(asked, false)}>
                {t('stills.no')}
              </Button>
            </>
          }
        >
          <p>{t('stills.questionText')}</p>
          {fault && <p role="alert">{t('notSaid')}</p>}
        </Ask>
      )}
      <Dialog
        opened={agreed !== undefined}
        onClose={() => agreed && void say(agreed, false)}
        title={t('stills.take')}
        size="lg"
        zIndex={500}
      >
        {agreed && (
          <TakePicture
            session={session}
            send={async (picture) => {
              await desk.send(agreed.id, picture);
              setSent(true);
            }}
            refuse={() => void say(agreed, false)}
          />
        )}
      </Dialog>
      <span role="status" className="afar-hidden" data-testid="still-sent">
        {sent && t('stills.sent')}
      </span>
    </>
  );
}
