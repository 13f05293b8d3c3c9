/** The SOAP note beside the picture: saves by itself, says so, is signed once and then only added to. */
import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconCloudOff, IconCloudUp, IconSignature } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Note, NoteSections } from '@afar/visits/contract';
import { Dialog } from '../kit/dialog.tsx';
import { api, asApiError } from '../kit/api.ts';
import { clockTime } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { focusSoon } from '../kit/use-kept-focus.ts';
import { useMe, useReader } from '../shell/session.ts';
import type { DraftView } from './note-draft.ts';
import { closeDraft, leaveDraft, openDraft } from './open-draft.ts';
import { saveNote } from './save-note.ts';
import { noteQuery } from './queries.ts';
import { NotePart } from './templates/note-part.tsx';
import { UseTemplate } from './templates/use-template.tsx';
import classes from './note.module.css';

const parts: (keyof NoteSections)[] = ['subjective', 'objective', 'assessment', 'plan'];

interface Props {
  note: Note;
  /** A nurse reads; the practitioner of the visit writes and signs. */
  maySign: boolean;
}

export function NoteEditor({ note, maySign }: Props) {
  const { t } = useTranslation('clinician');
  const { t: words } = useTranslation('cosign');
  // A trainee signs nothing: what she writes waits for her supervisor.
  const handsOver = useMe().role === 'trainee';
  const { zone, locale } = useReader();
  const client = useQueryClient();
  const [draft] = useState(() =>
    openDraft(client, note, (revision, sections) => saveNote(note.visit, revision, sections)),
  );
  const view = useSyncExternalStore(draft.subscribe, () => draft.view);
  const [asking, { open, close }] = useDisclosure(false);
  const unsaved = view.state !== 'clean';

  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent): void => event.preventDefault();
    if (unsaved) addEventListener('beforeunload', leaving);
    return () => removeEventListener('beforeunload', leaving);
  }, [unsaved]);
  useEffect(() => () => void leaveDraft(client, note.visit, draft), [draft, client, note.visit]);

  const sign = useMutation({
    mutationFn: async (): Promise<Note> => {
      if (!(await draft.flush())) throw asApiError(undefined);
      const way = handsOver ? 'hand-over' : 'sign';
      return api.post<Note>(`/api/visits/${note.visit}/note/${way}`, {
        revision: draft.view.revision,
      });
    },
    onSuccess: (signed) => {
      close();
      closeDraft(client, note.visit);
      client.setQueryData([...noteQuery(note.visit).queryKey], signed);
      void client.invalidateQueries({ queryKey: ['visit', note.visit] });
      // The editor and its dialog are gone: reading goes on at the signed note.
      focusSoon('note-title');
    },
  });
  const empty = parts.slice(2).filter((part) => view.sections[part].trim() === '');

  return (
    <section className={classes.note} aria-labelledby="note-title">
      <div className={classes.head}>
        <h2 id="note-title" className={classes.title}>
          {t('note.title')}
        </h2>
        <SaveState view={view} />
        {(maySign || handsOver) && (
          <UseTemplate
            visit={note.visit}
            sections={view.sections}
            onWrite={(sections) => draft.write(sections)}
          />
        )}
      </div>
      {note.returned && (
        <Notice
          tone="warm"
          title={words('returned', {
            name: note.returned.by.name,
            when: clockTime(note.returned.at, zone, locale),
          })}
        >
          {note.returned.text}
        </Notice>
      )}
      {view.state === 'conflict' && view.other && (
        <Conflict other={view.other} onKeep={(which) => draft.settle(which)} />
      )}
      {parts.map((part) => (
        <NotePart
          key={part}
          visit={note.visit}
          label={t(`note.${part}`)}
          description={t(`note.${part}Help`)}
          classNames={{ input: classes.text!, label: classes.label! }}
          autosize
          minRows={part === 'plan' || part === 'subjective' ? 3 : 2}
          maxRows={14}
          maxLength={20_000}
          value={view.sections[part]}
          onWrite={(text) => draft.write({ [part]: text })}
          onBlur={() => void draft.flush()}
          data-testid={`note-${part}`}
        />
      ))}
      {(maySign || handsOver) && (
        <Button
          leftSection={<IconSignature size={20} aria-hidden="true" />}
          onClick={open}
          disabled={view.state === 'conflict'}
          data-testid="sign"
        >
          {handsOver ? words('handOver') : t('note.sign')}
        </Button>
      )}
      <Dialog
        opened={asking}
        onClose={close}
        title={handsOver ? words('handOverTitle') : t('sign.title')}
      >
        {empty.length > 0 ? (
          <Notice
            tone="warm"
            title={t('sign.missing', { parts: empty.map((part) => t(`note.${part}`)).join(', ') })}
          />
        ) : (
          <Text>{handsOver ? words('handOverText') : t('sign.text')}</Text>
        )}
        {sign.error && <Trouble error={sign.error} kept />}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {t('sign.back')}
          </Button>
          <Button
            onClick={() => sign.mutate()}
            loading={sign.isPending}
            disabled={empty.length > 0}
            data-testid="sign-confirm"
          >
            {handsOver ? words('handOver') : t('sign.confirm')}
          </Button>
        </Group>
      </Dialog>
    </section>
  );
}

function SaveState({ view }: { view: DraftView }) {
  const { t } = useTranslation('clinician');
  const { zone, locale } = useReader();
  const { state, savedAt } = view;
  const time = savedAt ? clockTime(savedAt, zone, locale) : '';
  return (
    <p className={classes.saved} data-state={state} data-testid="note-state" role="status">
      {state === 'clean' && savedAt && (
        <>
          <IconCheck size={16} aria-hidden="true" /> {t('note.saved', { time })}
        </>
      )}
      {(state === 'dirty' || state === 'saving') && (
        <>
          <IconCloudUp size={16} aria-hidden="true" /> {t('note.saving')}
        </>
      )}
      {state === 'failed' && (
        <>
          <IconCloudOff size={16} aria-hidden="true" /> {t('note.failed')}
        </>
      )}
    </p>
  );
}

/** Both texts, and a person who decides. */
function Conflict({
  other,
  onKeep,
}: {
  other: NoteSections;
  onKeep: (which: 'mine' | 'theirs') => void;
}) {
  const { t } = useTranslation('clinician');
  return (
    <Notice
      tone="bad"
      title={t('conflict.title')}
      action={
        <Group gap="xs">
          <Button size="sm" variant="default" onClick={() => onKeep('theirs')}>
            {t('conflict.theirs')}
          </Button>
          <Button size="sm" onClick={() => onKeep('mine')}>
            {t('conflict.mine')}
          </Button>
        </Group>
      }
    >
      {t('conflict.text')}
      <dl className={classes.other}>
        {parts.map((part) => (
          <div key={part}>
            <dt>{t(`note.${part}`)}</dt>
            <dd>{other[part]}</dd>
          </div>
        ))}
      </dl>
    </Notice>
  );
}
