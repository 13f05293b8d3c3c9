/** Whom one could see and when, for anybody: nobody signs in to look. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../kit/api.ts';
import { Page } from '../../kit/page.tsx';
import { Notice } from '../../kit/trouble.tsx';
import { ClinicianCards } from '../clinicians.page.tsx';
import { cliniciansQuery } from '../queries.ts';

export function BrowsePage() {
  const { t } = useTranslation('booking');
  const { error } = useQuery(cliniciansQuery);
  const signIn = (
    <Button component={Link} to="/sign-in" variant="default">
      {t('browse.signIn')}
    </Button>
  );
  // Some clinics show their people to nobody from the street.
  const closed = error && [401, 403, 404].includes(asApiError(error).status);
  return (
    <Page title={t('browse.title')} lead={t('browse.lead')} actions={signIn}>
      {closed ? <Notice title={t('browse.closed')} /> : <ClinicianCards to="/book/$clinicianId" />}
    </Page>
  );
}
