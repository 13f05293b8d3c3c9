/** A trainee's note that was handed over: read by those who care, signed by the supervisor alone. */
import { Button, Group, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHourglass, IconSignature } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Note, NoteSections } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { clockTime, shortDate } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useMe, useReader } from '../shell/session.ts';
import classes from './note.module.css';
import { cosignQuery, noteQuery } from './queries.ts';

const parts: (keyof NoteSections)[] = ['subjective', 'objective', 'assessment', 'plan'];

interface Props {
  note: Note;
  waiting: NonNullable<Note['waiting']>;
}

export function WaitingNote({ note, waiting }: Props) {
  const { t } = useTranslation('cosign');
  const { t: clinician } = useTranslation('clinician');
  const { zone, locale } = useReader();
  const me = useMe();
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure(false);
  const { by, supervisor, at } = waiting;
  const when = `${shortDate(at, zone, locale)}, ${clockTime(at, zone, locale)}`;
  const cosign = useMutation({
    mutationFn: () => api.post<Note>(`/api/visits/${note.visit}/note/cosign`),
    onSuccess: (signed) => {
      close();
      client.setQueryData([...noteQuery(note.visit).queryKey], signed);
      void client.invalidateQueries({ queryKey: cosignQuery.queryKey });
    },
  });
  return (
    <section className={classes.note} aria-labelledby="note-title" data-testid="waiting-note">
      <div className={classes.head}>
        <h2 id="note-title" tabIndex={-1} className={classes.title}>
          {clinician('note.title')}
        </h2>
        <p className={classes.saved}>
          <IconHourglass size={16} aria-hidden="true" /> {t('waiting', { name: supervisor.name })}
        </p>
      </div>
      <Text c="dimmed">{t('waitingText', { name: by.name, when })}</Text>
      {parts.map((part) => (
        <div key={part}>
          <h3 className={classes.part}>{clinician(`note.${part}`)}</h3>
          <p className={classes.prose}>{note.sections[part] || clinician('note.empty')}</p>
        </div>
      ))}
      {me.role === 'practitioner' && me.fhirUser?.id === supervisor.id && (
        <Button leftSection={<IconSignature size={20} aria-hidden="true" />} onClick={open}>
          {t('cosign', { name: by.name })}
        </Button>
      )}
      {me.role === 'practitioner' && me.fhirUser?.id === supervisor.id && (
        <SendBack visit={note.visit} />
      )}
      <Dialog opened={asking} onClose={close} title={t('cosignTitle')}>
        <Text>{t('cosignText')}</Text>
        {cosign.error && <Trouble error={cosign.error} />}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {t('notNow')}
          </Button>
          <Button loading={cosign.isPending} onClick={() => cosign.mutate()}>
            {clinician('sign.confirm')}
          </Button>
        </Group>
      </Dialog>
    </section>
  );
}

/** Back to whoever wrote it, with what should change. */
function SendBack({ visit }: { visit: string }) {
  const { t } = useTranslation('cosign');
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure(false);
  const [text, setText] = useState('');
  const back = useMutation({
    mutationFn: () => api.post<Note>(`/api/visits/${visit}/note/return`, { text: text.trim() }),
    onSuccess: (draft) => {
      close();
      client.setQueryData([...noteQuery(visit).queryKey], draft);
      void client.invalidateQueries({ queryKey: cosignQuery.queryKey });
    },
  });
  return (
    <>
      <Button variant="default" onClick={open}>
        {t('sendBack')}
      </Button>
      <Dialog opened={asking} onClose={close} title={t('sendBackTitle')}>
        <Text mb="md">{t('sendBackText')}</Text>
        <Textarea
          label={t('remark')}
          autosize
          minRows={3}
          maxLength={2_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {back.error && <Trouble error={back.error} kept />}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {t('notNow')}
          </Button>
          <Button loading={back.isPending} disabled={!text.trim()} onClick={() => back.mutate()}>
            {t('sendBack')}
          </Button>
        </Group>
      </Dialog>
    </>
  );
}
