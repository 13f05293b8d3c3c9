/** On the page of a visit that has ended: how was it? */
import { Button } from '@mantine/core';
import { IconMessageHeart } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Notice } from '../kit/trouble.tsx';
import { surveyQuery } from './queries.ts';

export function SurveyCard({ visit }: { visit: string }) {
  const { t } = useTranslation('survey');
  // No survey is no trouble of hers.
  const { data } = useQuery({ ...surveyQuery(visit), retry: false });
  if (data?.state !== 'open') return null;
  return (
    <Notice
      title={t('title')}
      icon={IconMessageHeart}
      action={
        <Button
          component={Link}
          to="/patient/visits/$visitId/survey"
          params={{ visitId: visit } as never}
          variant="default"
          data-testid="open-survey"
        >
          {t('open')}
        </Button>
      }
    >
      {t('cardText')}
    </Notice>
  );
}
