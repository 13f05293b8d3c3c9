/** The device check: seen, heard, hearing, connected; each with its remedy. Less than a minute. */
import { Button, Group, Switch } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checks } from '@afar/visits/contract';
import { Page } from '../kit/page.tsx';
import classes from './check/check.module.css';
import { CameraRow, MicrophoneRow, NetworkRow, SpeakerRow } from './check/rows.tsx';
import { toDeviceCheck, useDeviceCheck } from './check/use-device-check.ts';
import { keepCheck, lastCheck, skipped } from './device-result.ts';

export function CheckPage() {
  const { t } = useTranslation('check');
  const { t: patient } = useTranslation('patient');
  const { visitId } = useParams({ from: '/patient/visits/$visitId/check' });
  const navigate = useNavigate();
  const before = lastCheck();
  const [audioOnly, setAudioOnly] = useState(before?.audioOnly ?? false);
  const [saver, setSaver] = useState(before?.dataSaver ?? false);
  const [speaker, setSpeaker] = useState<boolean>();
  const [started, setStarted] = useState(false);
  const check = useDeviceCheck(!audioOnly);
  const { state } = check;

  const byVoice = (): void => {
    setAudioOnly(true);
    check.noCamera();
  };

  const finish = (skip: boolean) => {
    const checks: Checks = skip
      ? { ...skipped, audioOnly, dataSaver: saver }
      : {
          camera: audioOnly ? 'skipped' : toDeviceCheck(state.camera),
          microphone: toDeviceCheck(state.microphone),
          speaker: speaker === undefined ? 'skipped' : speaker ? 'ok' : 'failed',
          network:
            state.network === undefined || state.network === 'working'
              ? 'skipped'
              : state.network.result,
          audioOnly,
          dataSaver: saver,
        };
    keepCheck(checks);
    return navigate({ to: '/patient/visits/$visitId', params: { visitId } });
  };

  const fine =
    state.microphone.state === 'ok' &&
    (audioOnly || state.camera.state === 'ok') &&
    speaker !== false &&
    typeof state.network === 'object' &&
    state.network.result !== 'failed';

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      width="narrow"
      back={{ to: '/patient/visits/$visitId', params: { visitId }, label: patient('visit.title') }}
    >
      {started ? (
        <ul className={classes.rows}>
          {!audioOnly && (
            <CameraRow
              part={state.camera}
              retry={() => check.camera()}
              onChoose={(id) => void check.camera(id)}
              onVoice={byVoice}
            />
          )}
          <MicrophoneRow
            part={state.microphone}
            level={state.level}
            heard={state.heard}
            retry={() => check.microphone()}
            onChoose={(id) => void check.microphone(id)}
          />
          <SpeakerRow heard={speaker} onHeard={setSpeaker} />
          <NetworkRow
            probe={state.network}
            retry={check.network}
            onVoice={audioOnly ? undefined : byVoice}
            onSaver={saver || audioOnly ? undefined : () => setSaver(true)}
          />
        </ul>
      ) : (
        <div className={classes.intro}>
          <p>{t('why')}</p>
          <Button
            size="lg"
            data-testid="start-check"
            onClick={() => {
              setStarted(true);
              void check.start();
            }}
          >
            {t('start')}
          </Button>
        </div>
      )}
      <div className={classes.choices}>
        <Switch
          size="md"
          label={t('audioOnly')}
          checked={audioOnly}
          onChange={(event) => {
            if (event.currentTarget.checked) return byVoice();
            setAudioOnly(false);
            if (started) void check.camera();
          }}
        />
        <Switch
          size="md"
          label={t('saver')}
          description={t('saverText')}
          checked={saver}
          onChange={(event) => setSaver(event.currentTarget.checked)}
        />
      </div>
      <Group justify="flex-end">
        {started ? (
          <Button
            size="lg"
            variant={fine ? 'filled' : 'default'}
            data-testid="finish-check"
            onClick={() => void finish(false)}
          >
            {t(fine ? 'finish' : 'finishAnyway')}
          </Button>
        ) : (
          <Button variant="subtle" onClick={() => void finish(true)} data-testid="skip-check">
            {t('skip')}
          </Button>
        )}
      </Group>
    </Page>
  );
}
