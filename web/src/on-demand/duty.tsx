/** Whether a clinician takes those who wait for anybody; who of her colleagues is there. */
import { SegmentedControl, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useMe } from '../shell/session.ts';
import { setDuty, useDuty, type Duty } from './duty-state.ts';
import classes from './on-demand.module.css';
import { presenceQuery } from './queries.ts';

export function DutyBar() {
  const { t } = useTranslation('now');
  const duty = useDuty();
  return (
    <section className={classes.duty} aria-labelledby="duty-title">
      <VisuallyHidden component="h2" id="duty-title">
        {t('duty.title')}
      </VisuallyHidden>
      <SegmentedControl
        aria-label={t('duty.label')}
        value={duty}
        onChange={(next) => setDuty(next as Duty)}
        data={(['off', 'on', 'away'] as const).map((value) => ({
          value,
          label: t(`duty.${value}`),
        }))}
        data-testid="duty"
      />
      <p className={classes.soft} role="status">
        {t(`duty.${duty}Text`)}
      </p>
      <Colleagues />
    </section>
  );
}

function Colleagues() {
  const { t } = useTranslation('now');
  const me = useMe();
  const { data } = useQuery(presenceQuery);
  const others = (data?.colleagues ?? []).filter((one) => one.id !== me.fhirUser?.id);
  if (others.length === 0) return null;
  return (
    <ul className={classes.colleagues} aria-label={t('staff.title')}>
      {others.slice(0, 12).map((one) => (
        <li key={one.id} data-presence={one.presence}>
          <span className={classes.dot} aria-hidden="true" />
          {one.name} · {t(`staff.presence.${one.presence}`)}
          {one.onDuty && ` · ${t('staff.duty')}`}
        </li>
      ))}
    </ul>
  );
}
