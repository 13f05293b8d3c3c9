/** The controls of a call: microphone, camera, devices and saving data, size, the way out. */
import { Menu, UnstyledButton } from '@mantine/core';
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconEar,
  IconEarOff,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconPictureInPicture,
  IconPictureInPictureOff,
  IconScreenShare,
  IconScreenShareOff,
  IconSettings,
  IconVideo,
  IconVideoOff,
  type TablerIcon,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Hint } from '../kit/hint.tsx';
import classes from './call.module.css';
import type { CallSession, CallState } from './call-session.ts';
import type { PopOut } from './pop-out.tsx';
import { canShareScreen, type Devices, listDevices } from './local-media.ts';

interface Props {
  session: CallSession;
  state: CallState;
  variant: 'full' | 'floating';
  name: string;
  role: 'patient' | 'clinician' | 'guest';
  popOut?: PopOut;
  /** Rarer buttons are elsewhere. */
  compact: boolean;
  /** Whom she may speak to aside, as she knows them. */
  aside: readonly string[];
  /** Buttons of the panels. */
  extra: ReactNode;
  onEnd: () => void;
  onVariant?: (variant: 'full' | 'floating') => void;
}

export function CallBar(props: Props) {
  const { session, state, name, variant, role, popOut, compact, aside, extra, onEnd, onVariant } =
    props;
  const { t } = useTranslation('call');
  const grown = variant === 'full';
  const hearers = aside.join(', ');
  return (
    <div className={classes.bottom}>
      <Said session={session} state={state} name={name} hearers={hearers} />
      <div className={classes.bar} role="group" aria-label={t('controls')}>
        <Control
          label={state.microphoneOn ? t('mute') : t('unmute')}
          keys="Alt+M"
          icon={state.microphoneOn ? IconMicrophone : IconMicrophoneOff}
          off={!state.microphoneOn || state.microphoneFault !== undefined}
          testid="toggle-microphone"
          onClick={() => session.setMicrophone(!state.microphoneOn)}
        />
        <Control
          label={state.cameraOn ? t('cameraOff') : t('cameraOn')}
          keys="Alt+C"
          icon={state.cameraOn ? IconVideo : IconVideoOff}
          off={!state.cameraOn}
          testid="toggle-camera"
          onClick={() => session.setCamera(!state.cameraOn)}
        />
        {hearers && (
          <Control
            label={state.aside === 'on' ? t('asideOff') : t('aside', { name: hearers })}
            icon={state.aside === 'on' ? IconEarOff : IconEar}
            off={state.aside === 'on'}
            testid="toggle-aside"
            onClick={() => session.setAside(state.aside !== 'on')}
          />
        )}
        {!compact && canShareScreen() && (
          <Control
            label={t(state.screen ? 'unshare' : 'share')}
            icon={state.screen ? IconScreenShareOff : IconScreenShare}
            off={state.screen !== null}
            testid="toggle-screen"
            onClick={() => void session.setScreen(state.screen === null)}
          />
        )}
        <Settings session={session} state={state} />
        {extra}
        {popOut && (
          <Control
            label={t(popOut.small ? 'popIn' : 'popOut')}
            icon={popOut.small ? IconPictureInPictureOff : IconPictureInPicture}
            testid="pop-out"
            onClick={() => void popOut.toggle()}
          />
        )}
        {onVariant && (
          <Control
            label={grown ? t('shrink') : t('grow')}
            icon={grown ? IconArrowsMinimize : IconArrowsMaximize}
            testid="toggle-size"
            onClick={() => onVariant(grown ? 'floating' : 'full')}
          />
        )}
        <Control
          label={role === 'clinician' ? t('endVisit') : t('leave')}
          icon={IconPhoneOff}
          tone="end"
          testid="end-call"
          onClick={onEnd}
        />
      </div>
    </div>
  );
}

/** What changed by itself, said once and left standing while it lasts. */
function Said(props: { session: CallSession; state: CallState; name: string; hearers: string }) {
  const { session, state, name, hearers } = props;
  const { t } = useTranslation('call');
  const words: string[] = [];
  if (state.cameraFault) words.push(t(`fault.camera.${state.cameraFault}`));
  if (state.microphoneFault) words.push(t(`fault.microphone.${state.microphoneFault}`));
  if (state.screenFault) words.push(t(`fault.screen.${state.screenFault}`));
  if (state.screen) words.push(t('sharing', { name }));
  if (state.aside === 'on') words.push(t('asideOn', { name: hearers }));
  if (state.aside === 'lost') words.push(t('asideLost'));
  if (state.theirs?.fellBack && !state.fellBack) words.push(t('theirsFellBack', { name }));
  // What the line decided, she may decide otherwise, and back.
  const [choice, insist] = state.fellBack
    ? [t('fellBack'), true]
    : state.insists && state.verdict.level !== 'good'
      ? [t('insisting'), false]
      : [];
  return (
    <div role="status" className={classes.said} data-testid="call-said">
      {words.map((one) => (
        <p key={one}>{one}</p>
      ))}
      {choice && (
        <p data-testid="fell-back">
          {choice}{' '}
          <UnstyledButton
            className={classes.choice}
            data-testid={insist ? 'insist' : 'relent'}
            onClick={() => session.insist(insist === true)}
          >
            {t(insist ? 'insist' : 'relent')}
          </UnstyledButton>
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  label: string;
  keys?: string;
  icon: TablerIcon;
  off?: boolean;
  tone?: 'end';
  testid: string;
  onClick: () => void;
}

function Control({ label, keys, icon: Icon, off, tone, testid, onClick }: ControlProps) {
  return (
    <Hint label={keys ? `${label} (${keys})` : label}>
      <UnstyledButton
        className={classes.control}
        data-off={off || undefined}
        data-tone={tone}
        data-testid={testid}
        aria-label={label}
        aria-keyshortcuts={keys}
        onClick={onClick}
      >
        <Icon size={24} stroke={1.8} aria-hidden="true" />
      </UnstyledButton>
    </Hint>
  );
}

function Settings({ session, state }: { session: CallSession; state: CallState }) {
  const { t } = useTranslation('call');
  const [devices, setDevices] = useState<Devices>();
  const current = {
    camera: state.camera?.getSettings().deviceId,
    microphone: state.microphone?.getSettings().deviceId,
  };
  const choices = (kind: 'camera' | 'microphone', list: MediaDeviceInfo[]): ReactNode => (
    <>
      <Menu.Label>{t(kind)}</Menu.Label>
      {list.map((device, index) => (
        <Choice
          key={device.deviceId}
          checked={device.deviceId === current[kind]}
          onClick={() => void session.useDevice(kind, device.deviceId)}
        >
          {device.label || `${t(kind)} ${index + 1}`}
        </Choice>
      ))}
    </>
  );
  return (
    <Menu
      position="top"
      width={300}
      radius="lg"
      shadow="lg"
      closeOnItemClick
      // Out of the stage, which cuts off what sticks out of it, and above the grown one.
      zIndex={400}
      withInitialFocusPlaceholder={false}
      onOpen={() => void listDevices().then(setDevices)}
    >
      <Menu.Target>
        <UnstyledButton
          className={classes.control}
          aria-label={t('settings')}
          data-testid="call-settings"
        >
          <IconSettings size={24} stroke={1.8} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        {devices && devices.cameras.length > 0 && choices('camera', devices.cameras)}
        {devices && devices.microphones.length > 0 && choices('microphone', devices.microphones)}
        <Menu.Label>{t('network')}</Menu.Label>
        <Choice checked={state.saver} onClick={() => session.setSaver(!state.saver)}>
          {t('saver')}
        </Choice>
        <Choice checked={state.audioOnly} onClick={() => session.setAudioOnly(!state.audioOnly)}>
          {t('audioOnly')}
        </Choice>
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice(props: { checked: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <Menu.CheckboxItem checked={props.checked} closeMenuOnClick onChange={props.onClick}>
      {props.children}
    </Menu.CheckboxItem>
  );
}
