/** A look at oneself before the call; off until asked for, and off again when leaving. */
import { Button } from '@mantine/core';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type MediaFault, MediaRefused, openCamera } from '../../call/local-media.ts';
import { rememberedDevice } from '../../call/remembered.ts';
import { Notice } from '../../kit/trouble.tsx';
import { Preview } from '../check/rows.tsx';

export function SelfLook() {
  const { t } = useTranslation('patient');
  const { t: check } = useTranslation('check');
  const [track, setTrack] = useState<MediaStreamTrack>();
  const [fault, setFault] = useState<MediaFault>();
  const current = useRef<MediaStreamTrack>(undefined);
  useEffect(() => () => current.current?.stop(), []);

  const toggle = async (): Promise<void> => {
    current.current?.stop();
    current.current = undefined;
    setFault(undefined);
    if (track) return setTrack(undefined);
    try {
      current.current = await openCamera(rememberedDevice('camera'));
      setTrack(current.current);
    } catch (error) {
      setFault(error instanceof MediaRefused ? error.fault : 'failed');
    }
    return undefined;
  };

  const Icon = track ? IconEyeOff : IconEye;
  return (
    <div>
      <Button
        variant="subtle"
        size="sm"
        aria-expanded={track !== undefined}
        leftSection={<Icon size={20} aria-hidden="true" />}
        onClick={() => void toggle()}
      >
        {t(track ? 'room.hide' : 'room.see')}
      </Button>
      {fault && <Notice tone="warm" title={check(`fault.${fault}`)} />}
      {track && <Preview track={track} label={t('room.preview')} />}
    </div>
  );
}
