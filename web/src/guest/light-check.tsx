/** A guest sees and hears herself before she is let in: own picture, level of her microphone, and what is wrong by name. */
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type MediaFault, MediaRefused, openCamera, openMicrophone } from '../call/local-media.ts';
import { rememberedDevice } from '../call/remembered.ts';
import { measure } from '../patient/check/meter.ts';
import { Remedy } from '../patient/check/remedy.tsx';
import classes from './guest.module.css';

const faultIn = (error: unknown): MediaFault =>
  error instanceof MediaRefused ? error.fault : 'failed';

/** Louder than a quiet room. */
const heardFrom = 0.35;

/** @param voice she wants to join by voice: the camera stays dark */
export function LightCheck({ voice, onVoice }: { voice: boolean; onVoice: () => void }) {
  const { t } = useTranslation('panels');
  const [on, setOn] = useState(false);
  if (!on)
    return (
      <div className={classes.check}>
        <Button variant="default" onClick={() => setOn(true)} data-testid="try-devices">
          {t('door.check')}
        </Button>
        <p className={classes.soft}>{t('door.checkText')}</p>
      </div>
    );
  return (
    <div className={classes.check}>
      {!voice && <OwnPicture onVoice={onVoice} />}
      <OwnVoice />
      <p className={classes.soft}>{t('door.checkText')}</p>
    </div>
  );
}

/** Opens a device, again when asked to, and closes it with the page. */
function useTrack(open: () => Promise<MediaStreamTrack>): {
  track: MediaStreamTrack | undefined;
  fault: MediaFault | undefined;
  again: () => Promise<void>;
} {
  const [found, setFound] = useState<{ track?: MediaStreamTrack; fault?: MediaFault }>({});
  const [turn, setTurn] = useState(0);
  const opener = useRef(open);
  useEffect(() => {
    let mine: MediaStreamTrack | undefined;
    let gone = false;
    opener.current().then(
      (track) => {
        if (gone) return track.stop();
        mine = track;
        setFound({ track });
      },
      (error: unknown) => !gone && setFound({ fault: faultIn(error) }),
    );
    return () => {
      gone = true;
      mine?.stop();
    };
  }, [turn]);
  const again = (): Promise<void> => {
    setFound({});
    setTurn((before) => before + 1);
    return Promise.resolve();
  };
  return { track: found.track, fault: found.fault, again };
}

function OwnPicture({ onVoice }: { onVoice: () => void }) {
  const { t } = useTranslation(['panels', 'check']);
  const { track, fault, again } = useTrack(() => openCamera(rememberedDevice('camera')));
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  return (
    <>
      <p role="status">
        {fault ? t(`check:fault.${fault}`) : track ? t('door.cameraOk') : t('check:working')}
      </p>
      {fault && <Remedy fault={fault} retry={again} onVoice={onVoice} />}
      {track && (
        <video
          ref={video}
          autoPlay
          playsInline
          muted
          className={classes.own}
          aria-label={t('door.picture')}
          data-testid="own-picture"
        />
      )}
    </>
  );
}

function OwnVoice() {
  const { t } = useTranslation(['panels', 'check']);
  const { track, fault, again } = useTrack(() => openMicrophone(rememberedDevice('microphone')));
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (!track) return undefined;
    return measure(track, (now) => {
      setLevel(now);
      if (now > heardFrom) setHeard(true);
    });
  }, [track]);
  return (
    <>
      <p role="status">
        {fault
          ? t(`check:fault.${fault}`)
          : track
            ? t(heard ? 'door.heard' : 'door.silent')
            : t('check:working')}
      </p>
      {fault && <Remedy fault={fault} retry={again} />}
      {track && (
        <meter
          className={classes.level}
          min={0}
          max={1}
          value={level}
          aria-label={t('door.level')}
        />
      )}
    </>
  );
}
