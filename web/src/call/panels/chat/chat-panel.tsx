/** The chat beside the call: read, write, send a file; what did not go says so and goes again. */
import { ActionIcon, Button, FileButton, Loader, Textarea } from '@mantine/core';
import { IconPaperclip, IconSend, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Pending } from '../../../kit/page.tsx';
import { Trouble } from '../../../kit/trouble.tsx';
import classes from './chat.module.css';
import { type ChatDesk, fileTypes, type Outgoing } from './chat-desk.ts';
import { ChatLine } from './chat-line.tsx';

interface Props {
  desk: ChatDesk;
  base: string;
  /** What a peer is called here. */
  nameOf: (peer: string) => string;
  /** What the author of a message is called who gave no name. */
  otherName: string;
  /** An observer reads only. */
  mayWrite: boolean;
}

export function ChatPanel({ desk, base, nameOf, otherName, mayWrite }: Props) {
  const { t } = useTranslation('panels');
  const state = useSyncExternalStore(desk.subscribe, () => desk.state);
  const end = useRef<HTMLDivElement>(null);
  const { messages, outbox, typing, loaded, error } = state;
  useEffect(() => {
    desk.show(true);
    void desk.look();
    return () => desk.show(false);
  }, [desk]);
  const count = messages.length + outbox.length;
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [count, typing.length]);
  return (
    <div className={classes.chat}>
      <div className={classes.lines} tabIndex={0} role="group" aria-label={t('chat.title')}>
        {!loaded && !error && <Pending rows={2} height={48} />}
        {error !== undefined && <Trouble error={error} retry={() => void desk.look()} />}
        {loaded && count === 0 && <p className={classes.soft}>{t('chat.none')}</p>}
        <div role="log" aria-label={t('chat.said')}>
          <ol className={classes.list}>
            {messages.map((message) => (
              <ChatLine key={message.id} message={message} base={base} otherName={otherName} />
            ))}
          </ol>
        </div>
        <ul className={classes.list}>
          {outbox.map((out) => (
            <OutLine key={out.id} out={out} desk={desk} />
          ))}
        </ul>
        <p className={classes.typing} aria-live="off" data-testid="chat-typing">
          {typing.length > 0 && t('chat.typing', { name: typing.map(nameOf).join(', ') })}
        </p>
        <div ref={end} />
      </div>
      {mayWrite ? <Writing desk={desk} /> : <p className={classes.soft}>{t('chat.readOnly')}</p>}
    </div>
  );
}

function OutLine({ out, desk }: { out: Outgoing; desk: ChatDesk }) {
  const { t } = useTranslation('panels');
  return (
    <li className={classes.line} data-own data-state={out.state} data-testid="chat-outgoing">
      <div className={classes.bubble}>
        {out.text && (
          <p className={classes.text} dir="auto">
            {out.text}
          </p>
        )}
        {out.file && <p className={classes.text}>{out.file.name}</p>}
      </div>
      {out.state === 'sending' ? (
        <p className={classes.by} role="status">
          <Loader size={14} /> {t('chat.sending')}
        </p>
      ) : (
        <div className={classes.failed} role="alert">
          <span>{t(`chat.fault.${out.fault ?? 'line'}`)}</span>
          {(out.fault === 'line' || out.fault === 'full') && (
            <Button size="compact-sm" variant="default" onClick={() => void desk.again(out.id)}>
              {t('chat.again')}
            </Button>
          )}
          <Button size="compact-sm" variant="subtle" onClick={() => desk.drop(out.id)}>
            {t('chat.drop')}
          </Button>
        </div>
      )}
    </li>
  );
}

function Writing({ desk }: { desk: ChatDesk }) {
  const { t } = useTranslation('panels');
  const [text, setText] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const empty = text.trim() === '' && !file;
  const send = (): void => {
    if (empty) return;
    void desk.say(text.trim(), file ?? undefined);
    setText('');
    setFile(null);
    input.current?.focus();
  };
  return (
    <div className={classes.writing}>
      {file && (
        <p className={classes.chosen} data-testid="chat-chosen">
          <span>{file.name}</span>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('chat.removeFile', { name: file.name })}
            onClick={() => setFile(null)}
          >
            <IconX size={18} aria-hidden="true" />
          </ActionIcon>
        </p>
      )}
      <div className={classes.row}>
        <FileButton
          accept={fileTypes}
          onChange={setFile}
          inputProps={
            { 'aria-label': t('chat.attach'), tabIndex: -1, 'data-testid': 'chat-file' } as object
          }
        >
          {(props) => (
            <ActionIcon
              {...props}
              variant="subtle"
              color="gray"
              size={44}
              radius="xl"
              aria-label={t('chat.attach')}
            >
              <IconPaperclip size={22} aria-hidden="true" />
            </ActionIcon>
          )}
        </FileButton>
        <Textarea
          ref={input}
          className={classes.input}
          aria-label={t('chat.write')}
          placeholder={t('chat.write')}
          autosize
          minRows={1}
          maxRows={5}
          maxLength={4000}
          size="md"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            desk.types();
          }}
          onKeyDown={(event) => {
            // While a word is being composed Enter chooses it.
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
          data-testid="chat-text"
        />
        <ActionIcon
          size={44}
          radius="xl"
          disabled={empty}
          aria-label={t('chat.send')}
          onClick={send}
          data-testid="chat-send"
        >
          <IconSend size={20} aria-hidden="true" className={classes.flip} />
        </ActionIcon>
      </div>
    </div>
  );
}
