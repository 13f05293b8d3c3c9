/** What everybody sees of a recording: the question, the red sign while it runs, the way to end it. */
import { Button, UnstyledButton } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Ask } from '../ask.tsx';
import type { SeatKind } from '../desk.ts';
import classes from '../panels.module.css';
import type { RecordingDesk } from './recording-desk.ts';

interface Props {
  desk: RecordingDesk;
  role: SeatKind;
  /** One's own seat. */
  own: string | undefined;
  /** Who records, as the reader knows her. */
  clinician: string;
  nameOf: (peer: string) => string;
}

export function RecordingSigns({ desk, role, own, clinician, nameOf }: Props) {
  const { t } = useTranslation('panels');
  const { running, muffled, here } = useSyncExternalStore(desk.subscribe, () => desk.state);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(false);
  if (!running || running.state === 'stopped' || running.state === 'finished')
    return (
      <span role="status" className="afar-hidden">
        {running && t('recording.ended')}
      </span>
    );
  const asked = role !== 'clinician' && own !== undefined && running.missing.includes(own);
  const act = async (deed: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFault(false);
    try {
      await deed();
    } catch {
      setFault(true);
    } finally {
      setBusy(false);
    }
  };
  const waiting = running.missing.filter((peer) => peer !== own).map(nameOf);
  return (
    <>
      <div
        className={classes.sign}
        data-state={running.state}
        data-testid="recording-sign"
        role="status"
      >
        <span className={classes.dot} aria-hidden="true" />
        <span>
          {t(`recording.state.${running.state}`)}
          {waiting.length > 0 && ` ${t('recording.waitsFor', { names: waiting.join(', ') })}`}
        </span>
        {muffled && here && (
          <UnstyledButton className={classes.signDeed} onClick={() => void desk.unmuffle()}>
            {t('recording.goOn')}
          </UnstyledButton>
        )}
        {!asked && (
          <UnstyledButton
            className={classes.signDeed}
            disabled={busy}
            data-testid="recording-stop"
            onClick={() =>
              void act(() => (role === 'clinician' ? desk.stop() : desk.answer(false)))
            }
          >
            {t(role === 'clinician' ? 'recording.stop' : 'recording.withdraw')}
          </UnstyledButton>
        )}
        {fault && !asked && <span>{t('notSaid')}</span>}
      </div>
      {asked && (
        <Ask
          key={running.id}
          testid="recording-question"
          title={t('recording.question', { name: clinician })}
          deeds={
            <>
              <Button
                loading={busy}
                onClick={() => void act(() => desk.answer(true))}
                data-testid="recording-agree"
              >
                {t('recording.yes')}
              </Button>
              <Button
                variant="default"
                disabled={busy}
                onClick={() => void act(() => desk.answer(false))}
              >
                {t('recording.no')}
              </Button>
            </>
          }
        >
          <p>{t('recording.questionText')}</p>
          {fault && <p role="alert">{t('notSaid')}</p>}
        </Ask>
      )}
    </>
  );
}
