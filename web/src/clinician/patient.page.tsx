/** One patient's chart outside a visit. */
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { LaunchMenu } from '../authorize/launch-menu.tsx';
import { InviteButton } from '../front-desk/invite.tsx';
import { WriteButton } from '../messages/write-button.tsx';
import { Chart } from './chart.tsx';
import { usePatient } from './chart-data.ts';
import { personName } from './person-name.ts';
import { PatientLine } from './patient-line.tsx';

export function PatientPage() {
  const { t } = useTranslation('clinician');
  const { patientId } = useParams({ from: '/clinician/patients/$patientId' });
  const patient = usePatient(patientId);
  // The tab's title stays general: a name must not stand in the browser's history.
  return (
    <Page
      title={t('patients.chart')}
      back={{ to: '/clinician/patients', label: t('patients.title') }}
      width="wide"
      heading={patient.data && (personName(patient.data.name) || t('unnamed'))}
      lead={patient.data && <PatientLine patient={patient.data} />}
      actions={
        patient.data && (
          <>
            <WriteButton patient={patientId} />
            <InviteButton patient={patientId} />
            <LaunchMenu patient={patientId} />
          </>
        )
      }
    >
      {patient.isPending && <Pending rows={3} height={160} />}
      {patient.isError && <Trouble error={patient.error} retry={() => void patient.refetch()} />}
      {patient.data && <Chart patient={patientId} />}
    </Page>
  );
}
