/** The call in a small window of its own, above every other: where the browser has one; else its plain floating video. */
import { UnstyledButton } from '@mantine/core';
import {
  IconMicrophone,
  IconMicrophoneOff,
  IconPictureInPictureOff,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import classes from './call.module.css';
import type { CallSession, CallState } from './call-session.ts';

interface SmallWindows {
  requestWindow(options: { width: number; height: number }): Promise<Window>;
}

const smallWindows = (): SmallWindows | undefined =>
  (globalThis as { documentPictureInPicture?: SmallWindows }).documentPictureInPicture;

export const canPopOut = (): boolean =>
  smallWindows() !== undefined || document.pictureInPictureEnabled === true;

/** Our own styles, in a document that begins with none. */
function dress(small: Window, title: string): void {
  small.document.title = title;
  for (const sheet of document.querySelectorAll('link[rel="stylesheet"]'))
    small.document.head.append(sheet.cloneNode());
  const { lang, dir } = document.documentElement;
  Object.assign(small.document.documentElement, { lang, dir });
  small.document.documentElement.dataset['mantineColorScheme'] = 'dark';
  small.document.body.className = classes.smallBody!;
}

export interface PopOut {
  /** The small window, while it is open. */
  small: Window | undefined;
  toggle: () => Promise<void>;
}

/** @param stage the element in which the other end's picture is @param title of the small window: no name of a person */
export function usePopOut(stage: React.RefObject<HTMLElement | null>, title: string): PopOut {
  const [small, setSmall] = useState<Window>();
  const current = useRef<Window>(undefined);
  useEffect(() => () => current.current?.close(), []);
  const toggle = async (): Promise<void> => {
    if (current.current) return current.current.close();
    const windows = smallWindows();
    if (!windows) {
      const video = stage.current?.querySelector<HTMLVideoElement>('[data-testid="remote-video"]');
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await video?.requestPictureInPicture();
      return;
    }
    const opened = await windows.requestWindow({ width: 360, height: 240 });
    dress(opened, title);
    current.current = opened;
    setSmall(opened);
    opened.addEventListener('pagehide', () => {
      current.current = undefined;
      setSmall(undefined);
    });
  };
  // A window that was refused changes nothing: the call is where it was.
  return { small, toggle: () => toggle().catch(() => undefined) };
}

interface Props {
  small: Window;
  session: CallSession;
  state: CallState;
  name: string;
}

/** What the small window shows: the other end, and the controls one cannot be without. */
export function SmallCall({ small, session, state, name }: Props) {
  const { t } = useTranslation('call');
  const video = useRef<HTMLVideoElement>(null);
  const { remote, remoteScreen, remoteMedia, warning } = state.link;
  const stream = remoteScreen ?? remote;
  const shown = warning === undefined && (remoteScreen || (remoteMedia?.camera ?? true));
  useEffect(() => {
    video.current!.srcObject = stream;
  }, [stream]);
  const controls = [
    {
      label: t(state.microphoneOn ? 'mute' : 'unmute'),
      Icon: state.microphoneOn ? IconMicrophone : IconMicrophoneOff,
      act: () => session.setMicrophone(!state.microphoneOn),
      off: !state.microphoneOn,
    },
    {
      label: t(state.cameraOn ? 'cameraOff' : 'cameraOn'),
      Icon: state.cameraOn ? IconVideo : IconVideoOff,
      act: () => session.setCamera(!state.cameraOn),
      off: !state.cameraOn,
    },
    { label: t('popIn'), Icon: IconPictureInPictureOff, act: () => small.close(), off: false },
  ];
  return createPortal(
    <section className={classes.small} aria-label={t('stage', { name })}>
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        className={classes.smallVideo}
        data-shown={shown || undefined}
        aria-label={t('pictureOf', { name })}
      />
      {!shown && <p className={classes.smallName}>{name}</p>}
      <div className={classes.smallBar} role="group" aria-label={t('controls')}>
        {controls.map(({ label, Icon, act, off }) => (
          <UnstyledButton
            key={label}
            className={classes.control}
            aria-label={label}
            title={label}
            data-off={off || undefined}
            onClick={act}
          >
            <Icon size={22} stroke={1.8} aria-hidden="true" />
          </UnstyledButton>
        ))}
      </div>
    </section>,
    small.document.body,
  );
}
