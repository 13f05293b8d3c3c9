/** The four parts of the device check, each with its state, its proof and its remedy. */
import { Button, Group, Loader } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCamera,
  IconCheck,
  IconMicrophone,
  IconVolume,
  IconWifi,
  type TablerIcon,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rememberDevice, rememberedDevice } from '../../call/remembered.ts';
import classes from './check.module.css';
import { DeviceChoice } from './device-choice.tsx';
import { playTone } from './meter.ts';
import type { Probe } from './network-probe.ts';
import { Remedy } from './remedy.tsx';
import type { Part } from './use-device-check.ts';

type Kind = 'camera' | 'microphone' | 'speaker' | 'network';
type Mark = 'waiting' | 'working' | 'ok' | 'bad';

const icons: Record<Kind, TablerIcon> = {
  camera: IconCamera,
  microphone: IconMicrophone,
  speaker: IconVolume,
  network: IconWifi,
};

interface RowProps {
  kind: Kind;
  mark: Mark;
  said: string;
  children?: ReactNode;
}

function Row({ kind, mark, said, children }: RowProps) {
  const { t } = useTranslation('check');
  const Icon = icons[kind];
  return (
    <li className={classes.row} data-mark={mark} data-testid={`check-${kind}`}>
      <span className={classes.icon}>
        <Icon size={24} stroke={1.8} aria-hidden="true" />
      </span>
      <div className={classes.words}>
        <h2 className={classes.name}>{t(`${kind}`)}</h2>
        <p className={classes.said} role="status">
          {said}
        </p>
        {children}
      </div>
      <span className={classes.mark} aria-hidden="true">
        {mark === 'working' && <Loader size="sm" />}
        {mark === 'ok' && <IconCheck size={24} stroke={2.4} />}
        {mark === 'bad' && <IconAlertTriangle size={24} stroke={2} />}
      </span>
    </li>
  );
}

function useSaid(kind: 'camera' | 'microphone', part: Part<unknown>): { mark: Mark; said: string } {
  const { t } = useTranslation('check');
  if (part.state === 'ok') return { mark: 'ok', said: t(`ok.${kind}`) };
  if (part.state === 'fault') return { mark: 'bad', said: t(`fault.${part.fault}`) };
  return { mark: 'working', said: t('working') };
}

interface DeviceProps {
  part: Part<MediaStreamTrack>;
  retry: () => Promise<void>;
  onChoose: (id: string) => void;
}

/** Another device may do where this one did not. */
const hasChoice = (part: Part<unknown>): boolean =>
  part.state === 'ok' ||
  (part.state === 'fault' && ['unfit', 'busy', 'failed'].includes(part.fault));

export function CameraRow({
  part,
  retry,
  onChoose,
  onVoice,
}: DeviceProps & { onVoice: () => void }) {
  const { t } = useTranslation('check');
  const { mark, said } = useSaid('camera', part);
  return (
    <Row kind="camera" mark={mark} said={said}>
      {part.state === 'ok' && <Preview track={part.value} label={t('preview')} />}
      {hasChoice(part) && (
        <DeviceChoice
          kind="camera"
          current={part.state === 'ok' ? part.value.getSettings().deviceId : undefined}
          onChoose={onChoose}
        />
      )}
      {part.state === 'fault' && <Remedy fault={part.fault} retry={retry} onVoice={onVoice} />}
    </Row>
  );
}

/** One's own picture, mirrored. */
export function Preview({ track, label }: { track: MediaStreamTrack; label: string }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    video.current!.srcObject = new MediaStream([track]);
  }, [track]);
  return (
    <video
      ref={video}
      autoPlay
      muted
      playsInline
      className={classes.preview}
      aria-label={label}
      data-testid="preview"
    />
  );
}

interface MicrophoneProps extends DeviceProps {
  level: number;
  heard: boolean;
}

export function MicrophoneRow({ part, level, heard, retry, onChoose }: MicrophoneProps) {
  const { t } = useTranslation('check');
  const { mark, said } = useSaid('microphone', part);
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    if (part.state !== 'ok' || heard) return undefined;
    const timer = setTimeout(() => setPatient(false), 6000);
    return () => clearTimeout(timer);
  }, [part.state, heard]);
  const silent = part.state === 'ok' && !heard;
  return (
    <Row
      kind="microphone"
      mark={silent ? 'working' : mark}
      said={silent ? t(patient ? 'speak' : 'silent') : said}
    >
      {part.state === 'ok' && (
        <div className={classes.meter} data-testid="level" data-heard={heard || undefined}>
          <span style={{ inlineSize: `${Math.round(level * 100)}%` }} />
        </div>
      )}
      {hasChoice(part) && (
        <DeviceChoice
          kind="microphone"
          current={part.state === 'ok' ? part.value.getSettings().deviceId : undefined}
          onChoose={onChoose}
        />
      )}
      {part.state === 'fault' && <Remedy fault={part.fault} retry={retry} />}
    </Row>
  );
}

interface SpeakerProps {
  heard: boolean | undefined;
  onHeard: (heard: boolean) => void;
}

export function SpeakerRow({ heard, onHeard }: SpeakerProps) {
  const { t } = useTranslation('check');
  const [played, setPlayed] = useState(false);
  const [speaker, setSpeaker] = useState(() => rememberedDevice('speaker'));
  return (
    <Row
      kind="speaker"
      mark={heard === undefined ? 'waiting' : heard ? 'ok' : 'bad'}
      said={heard ? t('ok.speaker') : heard === false ? t('soundHelp') : ''}
    >
      <Group gap="xs" mt="xs">
        <Button
          size="sm"
          variant="light"
          data-testid="play-tone"
          onClick={() => {
            setPlayed(true);
            void playTone(speaker);
          }}
        >
          {t('play')}
        </Button>
        {played && !heard && (
          <>
            <Button size="sm" data-testid="heard" onClick={() => onHeard(true)}>
              {t('heard')}
            </Button>
            <Button size="sm" variant="default" onClick={() => onHeard(false)}>
              {t('notHeard')}
            </Button>
          </>
        )}
      </Group>
      {played && 'setSinkId' in AudioContext.prototype && (
        <DeviceChoice
          kind="speaker"
          current={speaker}
          onChoose={(id) => {
            rememberDevice('speaker', id);
            setSpeaker(id);
            void playTone(id);
          }}
        />
      )}
    </Row>
  );
}

interface NetworkProps {
  probe: Probe | 'working' | undefined;
  retry: () => Promise<void>;
  /** Ways to need less of the network; each absent once chosen. */
  onVoice?: (() => void) | undefined;
  onSaver?: (() => void) | undefined;
}

export function NetworkRow({ probe, retry, onVoice, onSaver }: NetworkProps) {
  const { t, i18n } = useTranslation('check');
  const { t: common } = useTranslation();
  if (typeof probe !== 'object') return <Row kind="network" mark="working" said={t('working')} />;
  const { result, rtt, mbps, late } = probe;
  const known = result === 'skipped' ? 'failed' : result;
  const bad = known === 'failed' || known === 'poor';
  const figure = (value: number, digits: number): string =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits }).format(value);
  return (
    <Row kind="network" mark={bad ? 'bad' : 'ok'} said={t(`net.${known}`)}>
      {rtt !== undefined && mbps !== undefined && (
        <p className={`afar-figures ${classes.figures}`}>
          {t('netFigures', { rtt: figure(rtt, 0), mbps: figure(Math.min(mbps, 999), 1) })}
          {late !== undefined && late > 0 && (
            <>
              {', '}
              {t('netLoss', {
                loss: new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(late),
              })}
            </>
          )}
        </p>
      )}
      {bad && (
        <Group gap="xs" mt="xs">
          <Button size="sm" variant="default" onClick={() => void retry()}>
            {common('retry')}
          </Button>
          {onSaver && (
            <Button size="sm" variant="light" onClick={onSaver} data-testid="use-saver">
              {t('useSaver')}
            </Button>
          )}
          {onVoice && (
            <Button size="sm" variant="light" onClick={onVoice} data-testid="use-voice">
              {t('useVoice')}
            </Button>
          )}
        </Group>
      )}
    </Row>
  );
}
