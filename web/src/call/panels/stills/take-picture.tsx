/** The camera in its full size: seen, taken, looked at, taken again or sent. */
import { Button } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Trouble } from '../../../kit/trouble.tsx';
import type { CallSession } from '../../call-session.ts';
import { listDevices, type MediaFault, MediaRefused } from '../../local-media.ts';
import classes from '../panels.module.css';
import { openFullCamera, takePicture } from './camera.ts';

interface Props {
  session: CallSession;
  send: (picture: Blob) => Promise<void>;
  refuse: () => void;
}

export function TakePicture({ session, send, refuse }: Props) {
  const { t } = useTranslation(['panels', 'check']);
  const video = useRef<HTMLVideoElement>(null);
  const [camera, setCamera] = useState<{ side: 'user' | 'environment'; id?: string }>({
    side: 'environment',
  });
  const [cameras, setCameras] = useState<MediaDeviceInfo[]>([]);
  const [fault, setFault] = useState<MediaFault>();
  const [ready, setReady] = useState(false);
  const [taken, setTaken] = useState<{ picture: Blob; url: string }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const again = useEffectEvent(() => restore(session));

  useEffect(() => {
    let stream: MediaStream | undefined;
    let gone = false;
    openFullCamera(camera.side, camera.id).then(
      async (opened) => {
        if (gone) return opened.getTracks().forEach((track) => track.stop());
        stream = opened;
        if (video.current) video.current.srcObject = opened;
        setCameras((await listDevices()).cameras);
      },
      (failed: unknown) =>
        !gone && setFault(failed instanceof MediaRefused ? failed.fault : 'failed'),
    );
    return () => {
      gone = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [camera]);
  useEffect(() => () => again(), []);
  useEffect(() => () => URL.revokeObjectURL(taken?.url ?? ''), [taken]);

  const shoot = async (): Promise<void> => {
    setBusy(true);
    try {
      const picture = await takePicture(video.current!);
      setTaken({ picture, url: URL.createObjectURL(picture) });
    } catch {
      setFault('failed');
    } finally {
      setBusy(false);
    }
  };
  const go = async (): Promise<void> => {
    if (!taken) return;
    setBusy(true);
    setError(undefined);
    try {
      await send(taken.picture);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  const next = (): void => {
    setReady(false);
    setFault(undefined);
    const now = (video.current?.srcObject as MediaStream | null)?.getVideoTracks()[0];
    const at = cameras.findIndex(({ deviceId }) => deviceId === now?.getSettings().deviceId);
    const other = cameras[(at + 1) % cameras.length];
    if (other) setCamera({ side: 'user', id: other.deviceId });
  };
  return (
    <div className={classes.stack}>
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        hidden={taken !== undefined || fault !== undefined}
        className={classes.shot}
        aria-label={t('stills.preview')}
        onLoadedData={() => setReady(true)}
      />
      {taken && (
        <img
          src={taken.url}
          alt={t('stills.taken')}
          className={classes.shot}
          data-testid="still-taken"
        />
      )}
      {fault && <p role="alert">{t(`check:fault.${fault}`)}</p>}
      {error !== undefined && <Trouble error={error} retry={() => void go()} kept />}
      <div className={classes.deeds}>
        {taken ? (
          <>
            <Button loading={busy} onClick={() => void go()} data-testid="still-send">
              {t('stills.send')}
            </Button>
            <Button variant="default" disabled={busy} onClick={() => setTaken(undefined)}>
              {t('stills.again')}
            </Button>
          </>
        ) : (
          <>
            <Button
              loading={busy}
              disabled={!ready || fault !== undefined}
              onClick={() => void shoot()}
              data-testid="still-shoot"
            >
              {t('stills.shoot')}
            </Button>
            {cameras.length > 1 && (
              <Button variant="default" onClick={next}>
                {t('stills.other')}
              </Button>
            )}
          </>
        )}
        <Button variant="subtle" disabled={busy} onClick={refuse}>
          {t('stills.refuse')}
        </Button>
      </div>
      <p className={classes.soft}>{t('stills.keeps')}</p>
    </div>
  );
}

/** Phones lend a camera to one at a time: what the call showed of it is dark now, and is opened anew. */
function restore(session: CallSession): void {
  const { camera, cameraOn } = session.state;
  const id = camera?.getSettings().deviceId;
  if (cameraOn && id && (camera?.muted || camera?.readyState === 'ended'))
    void session.useDevice('camera', id);
}
