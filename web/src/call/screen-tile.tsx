/** The other end's shared screen: whole, never cut, letters kept sharp. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './call.module.css';

export function ScreenTile({ stream, name }: { stream: MediaStream; name: string }) {
  const { t } = useTranslation('call');
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    video.current!.srcObject = stream;
  }, [stream]);
  return (
    <video
      ref={video}
      autoPlay
      playsInline
      muted
      className={classes.screen}
      data-testid="remote-screen"
      aria-label={t('screenOf', { name })}
    />
  );
}
