/** Notes of trainees that wait for the reader's signature; nothing where none does. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Section } from '../kit/page.tsx';
import { clockTime, shortDate } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import classes from './home.module.css';
import { cosignQuery } from './queries.ts';

export function CosignList() {
  const { t } = useTranslation('cosign');
  const { zone, locale } = useReader();
  const { data = [] } = useQuery(cosignQuery);
  if (data.length === 0) return null;
  return (
    <Section title={t('list')}>
      <ul className={classes.agenda} data-testid="cosign">
        {data.map(({ visit, patient, by, at }) => (
          <li key={visit} className={classes.row}>
            <div className={classes.rowWho}>
              <Link
                to="/clinician/visits/$visitId"
                params={{ visitId: visit }}
                className={classes.rowLink}
              >
                {patient.name}
              </Link>
              <span className={classes.soft}>
                {t('by', {
                  name: by.name,
                  when: `${shortDate(at, zone, locale)}, ${clockTime(at, zone, locale)}`,
                })}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
