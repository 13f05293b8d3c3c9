/** A new thread: what it is about, and the first message; to everybody who cares for the patient. */
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useSubject } from '../patient/subject.ts';
import { Composer } from './composer.tsx';
import classes from './messages.module.css';
import { NotForEmergencies } from './promise.tsx';
import { draftQuery, useBegin } from './queries.ts';
import { useSide } from './side.ts';

export function PatientNewPage() {
  const { patient, dependant } = useSubject();
  return <New patient={patient} {...(dependant && { name: dependant.name })} />;
}

export function StaffNewPage() {
  const { patientId } = useParams({ strict: false }) as { patientId: string };
  return <New patient={patientId} />;
}

function New({ patient, name }: { patient: string; name?: string }) {
  const { t } = useTranslation('messages');
  const { staff, inbox, thread } = useSide();
  const navigate = useNavigate();
  const begin = useBegin();
  const [topic, setTopic] = useState('');
  const draft = useQuery(draftQuery(patient));
  return (
    <Page
      title={t('new')}
      lead={name ? t('newFor', { name }) : t(staff ? 'newStaff' : 'newLead')}
      back={{ to: inbox, label: t('back') }}
    >
      {!staff && <NotForEmergencies />}
      {draft.isPending && <Pending rows={1} height={160} />}
      {draft.isError && <Trouble error={draft.error} retry={() => void draft.refetch()} />}
      {draft.data && (
        <div className={classes.facts}>
          <TextInput
            label={t('topic')}
            description={t('topicHelp')}
            size="md"
            maxLength={120}
            value={topic}
            onChange={(event) => setTopic(event.currentTarget.value)}
            data-testid="topic"
          />
          <Composer
            patient={patient}
            place={patient}
            draft={draft.data.text}
            label={t('write')}
            held={topic.trim() === ''}
            send={(body, key) => begin.mutateAsync({ body: { ...body, patient, topic }, key })}
            onSent={(sent) => void navigate({ to: thread, params: { threadId: sent.thread } })}
          />
        </div>
      )}
    </Page>
  );
}
