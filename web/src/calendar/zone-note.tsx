/** In whose time the calendar is read, shown only where two clocks differ. */
import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './calendar.module.css';

interface Props {
  /** Names of zones. */
  own: string;
  clinic: string;
  clinicTime: boolean;
  onChange: (clinicTime: boolean) => void;
}

export function ZoneNote({ own, clinic, clinicTime, onChange }: Props) {
  const { t } = useTranslation('calendar');
  return (
    <div className={classes.zone} data-testid="zone-note">
      <span>{t('inZone', { zone: clinicTime ? clinic : own })}</span>
      <SegmentedControl
        size="sm"
        aria-label={t('zones.label')}
        value={clinicTime ? 'clinic' : 'own'}
        onChange={(value) => onChange(value === 'clinic')}
        data={[
          { value: 'own', label: t('zones.own') },
          { value: 'clinic', label: t('zones.clinic') },
        ]}
      />
    </div>
  );
}
