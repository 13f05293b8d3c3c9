/** A signed note: read only, with what was added later and the way to add more. */
import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Note, NoteSections } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { clockTime, shortDate } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import classes from './note.module.css';
import { noteQuery } from './queries.ts';

const parts: (keyof NoteSections)[] = ['subjective', 'objective', 'assessment', 'plan'];

export function SignedNote({ note, mayAdd }: { note: Note; mayAdd: boolean }) {
  const { t } = useTranslation('clinician');
  const { zone, locale } = useReader();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const when = (at: string): string =>
    `${shortDate(at, zone, locale)}, ${clockTime(at, zone, locale)}`;
  const add = useMutation({
    mutationFn: () =>
      api.post<Note>(`/api/visits/${note.visit}/note/addenda`, { text: text.trim() }),
    onSuccess: (added) => {
      setText('');
      client.setQueryData([...noteQuery(note.visit).queryKey], added);
    },
  });
  return (
    <section className={classes.note} aria-labelledby="note-title" data-testid="signed-note">
      <div className={classes.head}>
        <h2 id="note-title" tabIndex={-1} className={classes.title}>
          {t('note.title')}
        </h2>
        <p className={classes.saved} data-state="signed">
          <IconLock size={16} aria-hidden="true" />
          {t('note.signed', { name: note.signed!.by.name, when: when(note.signed!.at) })}
        </p>
      </div>
      {parts.map((part) => (
        <div key={part}>
          <h3 className={classes.part}>{t(`note.${part}`)}</h3>
          <p className={classes.prose}>{note.sections[part] || t('note.empty')}</p>
        </div>
      ))}
      {note.addenda.map((one) => (
        <div key={one.composition}>
          <h3 className={classes.part}>
            {t('note.addendum', { name: one.by.name, when: when(one.at) })}
          </h3>
          <p className={classes.prose}>{one.text}</p>
        </div>
      ))}
      {mayAdd && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) add.mutate();
          }}
        >
          <Textarea
            label={t('note.add')}
            autosize
            minRows={2}
            maxLength={20_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {add.error && <Trouble error={add.error} kept />}
          <Button
            type="submit"
            variant="light"
            mt="sm"
            loading={add.isPending}
            disabled={!text.trim()}
          >
            {t('note.addSubmit')}
          </Button>
        </form>
      )}
    </section>
  );
}
