/** What waits beside the visits: results, tasks, and the words to write with. */
import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../shell/session.ts';
import classes from './inbox.module.css';
import { countQuery } from './queries.ts';

export function DeskTabs() {
  const { t } = useTranslation('results');
  const answers = useMe().role === 'practitioner';
  const { data } = useQuery({ ...countQuery, enabled: answers });
  return (
    <nav className={classes.tabs} aria-label={t('tabs.label')}>
      {answers && (
        <Link to="/clinician/results" className={classes.tab}>
          {t('tabs.results')}
          {data && data.waiting > 0 && (
            <Badge ml={8} size="sm" color={data.urgent ? 'brick' : 'gray'}>
              {data.waiting}
            </Badge>
          )}
        </Link>
      )}
      <Link to="/clinician/tasks" className={classes.tab}>
        {t('tabs.tasks')}
      </Link>
      <Link to="/clinician/templates" className={classes.tab}>
        {t('tabs.templates')}
      </Link>
    </nav>
  );
}
