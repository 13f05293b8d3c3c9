/** Finding a patient under one's care; names travel in the body of the request, never in the address. */
import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconAmbulance, IconSearch } from '@tabler/icons-react';
import type { Patient } from '@medplum/fhirtypes';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { searchFhir } from '../kit/fhir.ts';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useMe } from '../shell/session.ts';
import { personName } from './person-name.ts';
import classes from './home.module.css';
import { PatientLine } from './patient-line.tsx';

export function PatientsPage() {
  const { t } = useTranslation('clinician');
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words.trim(), 250);
  const { role } = useMe();
  const canOpen = role === 'practitioner' || role === 'nurse';
  const found = useQuery({
    queryKey: ['patients', asked],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      searchFhir<Patient>(
        'Patient',
        { _count: '50', _sort: 'family', ...(asked && { name: asked }) },
        signal,
      ),
  });
  return (
    <Page
      title={t('patients.title')}
      lead={t('patients.lead')}
      actions={canOpen && <EmergencyLink />}
    >
      <TextInput
        label={t('patients.search')}
        type="search"
        mb="lg"
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        leftSection={<IconSearch size={18} aria-hidden="true" />}
      />
      {found.isPending && <Pending rows={5} height={64} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty text={t(asked ? 'patients.nobody' : 'patients.none')} />}
      <ul className={classes.agenda}>
        {found.data?.map((patient) => (
          <li key={patient.id} className={classes.row}>
            <div className={classes.rowWho}>
              <Link
                to="/clinician/patients/$patientId"
                params={{ patientId: patient.id! }}
                className={classes.rowLink}
              >
                {personName(patient.name) || t('unnamed')}
              </Link>
              <PatientLine patient={patient} />
            </div>
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** Somebody in danger who is not in the list. */
function EmergencyLink() {
  const { t } = useTranslation('clinician');
  return (
    <Button
      variant="light"
      color="ember"
      leftSection={<IconAmbulance size={18} aria-hidden="true" />}
      renderRoot={(props) => <Link to="/emergency" {...props} />}
    >
      {t('patients.emergency')}
    </Button>
  );
}
