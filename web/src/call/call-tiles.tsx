/** The two pictures of a call: the other person's and one's own. */
import { Button } from '@mantine/core';
import { IconMicrophoneOff, IconVolume } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './call.module.css';

interface RemoteProps {
  name: string;
  stream: MediaStream;
  showVideo: boolean;
  /** Nothing of the stream may be heard: frames come that could not be opened. */
  silent: boolean;
  live: boolean;
  muted: boolean;
  onFirstFrame: () => void;
}

const initials = (name: string): string =>
  name
    .replace(/^(Dr|Prof|Mr|Mrs|Ms)\.?\s+/i, '')
    .split(/\s+/)
    .filter((part) => /^\p{L}/u.test(part))
    .slice(0, 2)
    .map((part) => part[0]!.toUpperCase())
    .join('');

export function RemoteTile(props: RemoteProps) {
  const { name, stream, showVideo, silent, live, muted, onFirstFrame } = props;
  const { t } = useTranslation('call');
  const video = useRef<HTMLVideoElement>(null);
  const [blocked, setBlocked] = useState(false);
  const firstFrame = useEffectEvent(onFirstFrame);

  const play = (): void => {
    video.current?.play().then(
      () => setBlocked(false),
      (error: Error) => setBlocked(error.name === 'NotAllowedError'),
    );
  };

  useEffect(() => {
    const element = video.current!;
    element.srcObject = stream;
    play();
    stream.addEventListener('addtrack', play);
    const asked = element.requestVideoFrameCallback(() => firstFrame());
    return () => {
      stream.removeEventListener('addtrack', play);
      element.cancelVideoFrameCallback(asked);
    };
  }, [stream]);

  return (
    <div className={classes.remote}>
      <video
        ref={video}
        autoPlay
        playsInline
        muted={silent}
        className={classes.remoteVideo}
        data-shown={(showVideo && live) || undefined}
        data-testid="remote-video"
        aria-label={t('pictureOf', { name })}
      />
      {live && !showVideo && !silent && (
        <div className={classes.noPicture} data-testid="remote-no-picture">
          <span className={classes.initials} aria-hidden="true">
            {initials(name)}
          </span>
          <span>{t('cameraOffOf', { name })}</span>
        </div>
      )}
      {live && muted && (
        <span className={classes.mutedTag} data-testid="remote-muted">
          <IconMicrophoneOff size={18} aria-hidden="true" />
          {t('mutedOf', { name })}
        </span>
      )}
      {blocked && (
        <Button
          className={classes.hear}
          leftSection={<IconVolume size={20} aria-hidden="true" />}
          onClick={play}
        >
          {t('hear')}
        </Button>
      )}
    </div>
  );
}

/** Oneself, mirrored as in a mirror; hidden when there is nothing to see. */
export function SelfTile({ track, on }: { track: MediaStreamTrack | null; on: boolean }) {
  const { t } = useTranslation('call');
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  return (
    <div className={classes.self} data-on={(on && track !== null) || undefined}>
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        className={classes.selfVideo}
        data-testid="self-video"
        aria-label={t('you')}
      />
    </div>
  );
}
