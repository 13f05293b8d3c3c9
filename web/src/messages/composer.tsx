/** Where a message is written: kept while it is written, sent once, stopped once when it speaks of an emergency. */
import { Button, Textarea } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSend } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageBody, Sent, Stopped } from '@afar/messaging/contract';
import { Trouble } from '../kit/trouble.tsx';
import { AddFiles, Chosen, useFiles } from './files.tsx';
import classes from './messages.module.css';
import { saveDraft } from './queries.ts';
import { RedFlag } from './red-flag.tsx';

interface Props {
  patient: string;
  /** Where the draft is kept: the thread, or for a new one the patient. */
  place: string;
  draft: string;
  label: string;
  send: (body: MessageBody, key: string) => Promise<Sent | Stopped>;
  onSent?: (sent: Sent) => void;
  /** Something else must be said first (a topic). */
  held?: boolean;
}

/** Long enough for a sentence, short enough to lose little. */
const keepMs = 1_200;

export function Composer({ patient, place, draft, label, send, onSent, held = false }: Props) {
  const { t } = useTranslation('messages');
  const files = useFiles(patient);
  const [text, setText] = useState(draft);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [stopped, setStopped] = useState(false);
  /** Of these words: another text is another deed. */
  const key = useRef<{ of: string; key: string }>(undefined);
  const keep = useDebouncedCallback((next: string) => {
    // What cannot be kept just now is still on the screen.
    saveDraft(place, next).catch(() => undefined);
  }, keepMs);

  async function go(acknowledged: boolean): Promise<void> {
    const attachments = files.kept.map((one) => one.id);
    const body: MessageBody = { text, attachments, ...(acknowledged && { acknowledged }) };
    const of = JSON.stringify([text, attachments]);
    if (key.current?.of !== of) key.current = { of, key: crypto.randomUUID() };
    setBusy(true);
    setError(undefined);
    try {
      const answer = await send(body, key.current.key);
      if ('stopped' in answer) return setStopped(true);
      keep.cancel();
      setStopped(false);
      setText('');
      files.clear();
      onSent?.(answer);
    } catch (failed) {
      setStopped(false);
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  const empty = text.trim() === '' && files.kept.length === 0;
  return (
    <div className={classes.composer}>
      {error !== undefined && <Trouble error={error} kept retry={() => void go(false)} />}
      {files.fault && (
        <p className={classes.fault} role="alert">
          {t(`fault.${files.fault}`)}
        </p>
      )}
      <Chosen files={files} />
      <Textarea
        aria-label={label}
        placeholder={label}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={8000}
        size="md"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          keep(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !empty && !held)
            void go(false);
        }}
        data-testid="message-text"
      />
      <div className={classes.tools}>
        <AddFiles files={files} />
        <span className={classes.hint}>{t('kept')}</span>
        <Button
          loading={busy}
          disabled={empty || held || files.busy}
          onClick={() => void go(false)}
          rightSection={<IconSend size={18} aria-hidden="true" className={classes.flip} />}
          data-testid="send-message"
        >
          {t('send')}
        </Button>
      </div>
      <RedFlag
        opened={stopped}
        sending={busy}
        onSend={() => void go(true)}
        onClose={() => setStopped(false)}
      />
    </div>
  );
}
