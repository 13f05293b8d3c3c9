/** One person, or one shared screen, in a room of many. */
import { UnstyledButton } from '@mantine/core';
import {
  IconAlertTriangle,
  IconEar,
  IconMicrophoneOff,
  IconPin,
  IconPinnedFilled,
  IconWifiOff,
} from '@tabler/icons-react';
import { useCallback, useEffect, useEffectEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { RemotePerson } from '../link-state.ts';
import type { Place } from './arrangement.ts';
import classes from './group.module.css';
import { initials, nameOf, roleWord, type Viewer } from './names.ts';
import { usePlayed } from './use-played.ts';

interface Props {
  place: Place;
  person: RemotePerson;
  viewer: Viewer;
  weak: boolean;
  /** She speaks to the reader alone now. */
  speaksAside: boolean;
  pinned: boolean;
  large: boolean;
  /** Her pictures are given up for the line here. */
  withheld: boolean;
  onPin: () => void;
  /** Told the element, so that its size can be watched. */
  watch: (id: string, element: HTMLElement | null) => void;
  onFirstFrame?: () => void;
}

export function GroupTile(props: Props) {
  const { place, person, viewer, weak, speaksAside, pinned, large, withheld, onPin, watch } = props;
  const { t } = useTranslation('group');
  const role = t(`role.${roleWord(person)}`);
  const name = nameOf(person, viewer) ?? role;
  const screen = place.kind === 'screen';
  const { id } = place;
  // The same one over renders: another would take the tile off the watch and put it back each time.
  const ref = useCallback(
    (element: HTMLElement) => {
      watch(id, element);
      return () => watch(id, null);
    },
    [watch, id],
  );
  const speaking = !screen && person.media.microphone && person.speaking;
  const shows = !person.blind && !withheld && (screen || person.media.camera);
  const marks = [
    screen ? t('screenOf', { name }) : name === role ? name : `${name}, ${role}`,
    ...(person.blind ? [t('blind')] : []),
    ...(person.present ? [] : [t('away')]),
    ...(!screen && !person.media.microphone && !speaksAside ? [t('muted')] : []),
    ...(speaksAside ? [t('aside')] : []),
    ...(!screen && !person.media.camera ? [t('cameraOff')] : []),
    ...(weak ? [t('weak')] : []),
  ];
  return (
    <article
      ref={ref}
      className={classes.tile}
      data-testid="group-tile"
      data-peer={person.peer}
      data-kind={place.kind}
      data-large={large || undefined}
      data-speaking={speaking || undefined}
      data-blind={person.blind || undefined}
      data-away={!person.present || undefined}
      aria-label={marks.join(', ')}
      data-aside={speaksAside || undefined}
    >
      <Picture
        stream={screen ? person.screen : person.stream}
        silent={screen || person.blind}
        shown={shows}
        whole={screen}
        label={screen ? t('screenOf', { name }) : t('pictureOf', { name })}
        {...(props.onFirstFrame ? { onFirstFrame: props.onFirstFrame } : {})}
      />
      {!shows && !person.blind && (
        <div className={classes.face} aria-hidden="true">
          <span>{initials(name)}</span>
        </div>
      )}
      {person.blind && (
        <div className={classes.warning} role="alert" data-testid="tile-warning">
          <IconAlertTriangle size={22} aria-hidden="true" />
          <span>{t('blindText', { name })}</span>
        </div>
      )}
      <div className={classes.plate} aria-hidden="true">
        {speaksAside && <IconEar size={16} />}
        {!screen && !person.media.microphone && !speaksAside && <IconMicrophoneOff size={16} />}
        {weak && <IconWifiOff size={16} />}
        <span className={classes.plateName}>{screen ? t('screenOf', { name }) : name}</span>
        {!screen && (speaksAside || name !== role) && (
          <span className={classes.plateRole}>{speaksAside ? t('aside') : role}</span>
        )}
        {!person.present && <span className={classes.plateRole}>{t('away')}</span>}
      </div>
      <UnstyledButton
        className={classes.pin}
        onClick={onPin}
        aria-pressed={pinned}
        aria-label={t('pin', { name: screen ? t('screenOf', { name }) : name })}
        data-testid="pin"
      >
        {pinned ? (
          <IconPinnedFilled size={18} aria-hidden="true" />
        ) : (
          <IconPin size={18} aria-hidden="true" />
        )}
      </UnstyledButton>
    </article>
  );
}

interface PictureProps {
  stream: MediaStream | undefined;
  silent: boolean;
  shown: boolean;
  whole: boolean;
  label: string;
  onFirstFrame?: () => void;
}

function Picture({ stream, silent, shown, whole, label, onFirstFrame }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  const firstFrame = useEffectEvent(() => onFirstFrame?.());
  usePlayed(video, stream);
  useEffect(() => {
    const element = video.current!;
    const asked = element.requestVideoFrameCallback(() => firstFrame());
    return () => element.cancelVideoFrameCallback(asked);
  }, [stream]);
  return (
    <video
      ref={video}
      autoPlay
      playsInline
      muted={silent}
      className={classes.video}
      data-shown={shown || undefined}
      data-whole={whole || undefined}
      aria-label={label}
    />
  );
}
