/** The next visit, large: under its own sky, with the steps that make it a good one. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';
import { Sky } from '../kit/sky.tsx';
import { clockTime, longDay } from '../kit/time.ts';
import { ClinicTime } from '../kit/when.tsx';
import { useWithWhom } from '../on-demand/with-whom.ts';
import { useReader } from '../shell/session.ts';
import classes from './patient.module.css';
import { Steps } from './steps.tsx';

export function NextVisit({ visit, now }: { visit: AppointmentView; now: number }) {
  const { t } = useTranslation('patient');
  const withWhom = useWithWhom();
  const { t: common } = useTranslation();
  const { zone, locale } = useReader();
  return (
    <section className={classes.hero} aria-labelledby="next-visit" data-testid="next-visit">
      <div className={classes.heroSky}>
        <Sky at={visit.start} zone={zone} />
      </div>
      <div className={classes.heroBody}>
        <p id="next-visit" className={classes.kicker}>
          {t('home.next')}
        </p>
        <h2 className={classes.heroTime}>
          <Link to="/patient/visits/$visitId" params={{ visitId: visit.id }}>
            <time dateTime={visit.start}>
              <span className={classes.heroDay}>{longDay(visit.start, zone, locale)}</span>{' '}
              {clockTime(visit.start, zone, locale)}
            </time>
          </Link>
        </h2>
        <ClinicTime at={visit.start} clinicZone={visit.zone} />
        <p className={classes.heroWho}>
          {withWhom(visit)}
          <span>
            {visit.clinician.specialty && `${visit.clinician.specialty} · `}
            {common(`visitType.${visit.mode}`)}
          </span>
        </p>
      </div>
      <Steps visit={visit} now={now} />
    </section>
  );
}
