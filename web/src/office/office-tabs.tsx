/** The rooms of the office: people, and how the clinic works; one row of tabs for each half. */
import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { clinicPages } from '../shell/office-pages.ts';
import classes from './office-tabs.module.css';
import { approvalsQuery } from './queries.ts';

export function OfficeTabs() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return clinicPages.includes(path) ? <ClinicTabs /> : <PeopleTabs />;
}

function PeopleTabs() {
  const { t } = useTranslation('approvals');
  const { t: licences } = useTranslation('licences');
  const { data } = useQuery(approvalsQuery);
  const mine = data?.approvals.filter((one) => one.may.includes('approve')).length ?? 0;
  return (
    <nav className={classes.tabs} aria-label={t('tabs.label')}>
      <Link to="/office" activeOptions={{ exact: true }} className={classes.tab}>
        {t('tabs.people')}
      </Link>
      <Link to="/office/approvals" className={classes.tab}>
        {t('tabs.approvals')}
        {mine > 0 && (
          <Badge ml={8} size="sm" circle color="ember">
            {mine}
          </Badge>
        )}
      </Link>
      <Link to="/office/roles" className={classes.tab}>
        {t('tabs.roles')}
      </Link>
      <Link to="/office/licences" className={classes.tab}>
        {licences('office.title')}
      </Link>
    </nav>
  );
}

function ClinicTabs() {
  const { t } = useTranslation('shell');
  const { t: messages } = useTranslation('messages');
  const { t: survey } = useTranslation('survey');
  const { t: quality } = useTranslation('quality');
  const { t: now } = useTranslation('now');
  const { t: results } = useTranslation('results');
  return (
    <nav className={classes.tabs} aria-label={t('nav.clinic')}>
      <Link to="/office/on-demand" className={classes.tab}>
        {now('office.title')}
      </Link>
      <Link to="/office/messages" className={classes.tab}>
        {messages('office.title')}
      </Link>
      <Link to="/office/surveys" className={classes.tab}>
        {survey('results.title')}
      </Link>
      <Link to="/office/results" className={classes.tab}>
        {results('office.title')}
      </Link>
      <Link to="/office/connections" className={classes.tab}>
        {quality('office.title')}
      </Link>
      <Link to="/office/templates" className={classes.tab}>
        {results('tabs.templates')}
      </Link>
    </nav>
  );
}
