/** Which camera, microphone or speaker: shown where there is more than one, remembered on this device. */
import { NativeSelect } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listDevices } from '../../call/local-media.ts';
import { type Chosen, rememberedDevice } from '../../call/remembered.ts';

const lists = { camera: 'cameras', microphone: 'microphones', speaker: 'speakers' } as const;
const labels = {
  camera: 'chooseCamera',
  microphone: 'chooseMicrophone',
  speaker: 'chooseSpeaker',
} as const;

interface Props {
  kind: Chosen;
  /** The one in use. */
  current?: string | undefined;
  onChoose: (id: string) => void;
}

export function DeviceChoice({ kind, current, onChoose }: Props) {
  const { t } = useTranslation('check');
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    let gone = false;
    const look = (): void =>
      void listDevices().then((all) => !gone && setDevices(all[lists[kind]]));
    look();
    navigator.mediaDevices?.addEventListener?.('devicechange', look);
    return () => {
      gone = true;
      navigator.mediaDevices?.removeEventListener?.('devicechange', look);
    };
  }, [kind, current]);
  if (devices.length < 2) return null;
  return (
    <NativeSelect
      mt="xs"
      maw="20rem"
      aria-label={t(labels[kind])}
      data-testid={`choose-${kind}`}
      value={current ?? rememberedDevice(kind) ?? devices[0]!.deviceId}
      onChange={(event) => onChoose(event.currentTarget.value)}
      data={devices.map((device, index) => ({
        value: device.deviceId,
        label: device.label || `${t(labels[kind])} ${index + 1}`,
      }))}
    />
  );
}
