/** The rooms of planning: the calendar, one's hours, and what the clinic has to share. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMe } from '../shell/session.ts';
import classes from '../office/office-tabs.module.css';

export function CalendarTabs() {
  const { t } = useTranslation('calendar');
  const { role } = useMe();
  if (role !== 'practitioner' && role !== 'administrator') return null;
  return (
    <nav className={classes.tabs} aria-label={t('tabs.label')}>
      <Link
        to="/calendar"
        activeOptions={{ exact: true, includeSearch: false }}
        className={classes.tab}
      >
        {t('tabs.calendar')}
      </Link>
      <Link to="/calendar/hours" className={classes.tab}>
        {t('tabs.hours')}
      </Link>
      {role === 'administrator' && (
        <Link to="/calendar/resources" className={classes.tab}>
          {t('tabs.resources')}
        </Link>
      )}
    </nav>
  );
}
