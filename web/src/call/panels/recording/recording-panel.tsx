/** The recording for the clinician: what it means, begin, stop, and how far it is on its way to the chart. */
import { Button } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../../kit/trouble.tsx';
import classes from '../panels.module.css';
import type { RecordingDesk } from './recording-desk.ts';

export function RecordingPanel({ desk }: { desk: RecordingDesk }) {
  const { t } = useTranslation('panels');
  const { running, here, sent, fault } = useSyncExternalStore(desk.subscribe, () => desk.state);
  const [busy, setBusy] = useState(false);
  const runs = running && running.state !== 'stopped' && running.state !== 'finished';
  const act = async (deed: () => Promise<void>): Promise<void> => {
    setBusy(true);
    await deed().catch(() => undefined);
    setBusy(false);
  };
  return (
    <div className={classes.stack}>
      <p className={classes.soft}>{t('recording.about')}</p>
      {fault && (
        <Notice tone="bad" title={t('recording.title')}>
          {t(`recording.fault.${fault}`)}
        </Notice>
      )}
      {runs ? (
        <>
          <p role="status">
            {t(`recording.state.${running.state}`)} {!here && t('recording.elsewhere')}
          </p>
          <Button
            color="red"
            loading={busy}
            onClick={() => void act(() => desk.stop())}
            data-testid="stop-recording"
          >
            {t('recording.stop')}
          </Button>
        </>
      ) : (
        <Button
          loading={busy || sent === 'sending'}
          onClick={() => void act(() => desk.begin())}
          data-testid="begin-recording"
        >
          {t('recording.begin')}
        </Button>
      )}
      <p role="status" data-testid="recording-sent">
        {sent && t(`recording.sent.${sent}`)}
      </p>
    </div>
  );
}
