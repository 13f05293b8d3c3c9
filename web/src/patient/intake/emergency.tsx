/** An answer that may be a sign of an emergency: the number to call, before anything else. */
import { Button } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { emergencyNumber } from '../../kit/emergency.ts';
import { useReader } from '../../shell/session.ts';
import classes from './intake.module.css';

export function Emergency({ onSafe }: { onSafe: () => void }) {
  const { t } = useTranslation('patient');
  const { zone } = useReader();
  const number = emergencyNumber(zone);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} role="alert" className={classes.emergency} data-testid="emergency">
      <h2>{t('intake.emergencyTitle')}</h2>
      <p>{t('intake.emergencyText')}</p>
      <a className={classes.call} href={`tel:${number}`}>
        <IconPhone size={28} aria-hidden="true" />
        {t('intake.emergencyCall', { number })}
      </a>
      <p>{t('intake.emergencyStaff')}</p>
      <Button variant="white" color="dark" onClick={onSafe}>
        {t('intake.emergencyOk')}
      </Button>
    </div>
  );
}
