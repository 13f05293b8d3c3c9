/** Beside the way to the messages: how many threads have something new. */
import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { unreadQuery } from './queries.ts';

export function NewMessages() {
  const { t } = useTranslation('shell');
  const { data } = useQuery(unreadQuery);
  const count = data?.threads ?? 0;
  if (count === 0) return null;
  return (
    <Badge size="sm" circle color="ember" data-testid="new-messages">
      <span aria-hidden="true">{count > 9 ? '9+' : count}</span>
      <span className="afar-hidden">{t('navNew', { count })}</span>
    </Badge>
  );
}
