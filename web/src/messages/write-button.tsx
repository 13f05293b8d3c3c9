/** On a patient's chart: the way to write to her. */
import { Button } from '@mantine/core';
import { IconMessagePlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

export function WriteButton({ patient }: { patient: string }) {
  const { t } = useTranslation('messages');
  return (
    <Button
      component={Link}
      to="/clinician/messages/new/$patientId"
      params={{ patientId: patient } as never}
      variant="default"
      leftSection={<IconMessagePlus size={18} aria-hidden="true" />}
    >
      {t('writePatient')}
    </Button>
  );
}
