/** One message of a visit's chat: by whom, when, what, and its file seen or saved. */
import { Anchor, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload, IconFileTypePdf } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { Dialog } from '../../../kit/dialog.tsx';
import { clockTime } from '../../../kit/time.ts';
import { sizeText } from '../../../messages/picture.ts';
import { useReader } from '../../../shell/session.ts';
import classes from './chat.module.css';

interface Props {
  message: ChatMessage;
  base: string;
  otherName: string;
}

export function ChatLine({ message, base, otherName }: Props) {
  const { t } = useTranslation(['panels', 'group']);
  const { zone, locale } = useReader();
  const { by, text, file } = message;
  const role = t(`group:role.${by.role === 'guest' ? (by.as ?? 'relative') : by.role}`);
  const name = by.own
    ? t('group:you')
    : (by.name ?? (by.role === 'patient' ? otherName : undefined) ?? role);
  return (
    <li className={classes.line} data-own={by.own || undefined} data-testid="chat-message">
      <p className={classes.by}>
        <span className={classes.name}>{name}</span>
        {by.role === 'guest' && !by.own && name !== role && <span>{role}</span>}
        <time dateTime={message.at}>{clockTime(message.at, zone, locale)}</time>
      </p>
      <div className={classes.bubble}>
        {text && (
          <p className={classes.text} dir="auto">
            {text}
          </p>
        )}
        {file && <ChatFile address={`${base}/chat/${message.id}/file`} file={file} />}
      </div>
    </li>
  );
}

interface FileProps {
  address: string;
  file: NonNullable<ChatMessage['file']>;
}

/** A picture as one, a document by its name: opened in a tab of its own, or saved. */
function ChatFile({ address, file }: FileProps) {
  const { t } = useTranslation('panels');
  const { locale } = useReader();
  const [opened, { open, close }] = useDisclosure(false);
  const save = (
    <Anchor href={address} download={file.name} className={classes.save}>
      <IconDownload size={18} aria-hidden="true" />
      {t('chat.save')}
    </Anchor>
  );
  if (file.type === 'application/pdf')
    return (
      <div className={classes.document} data-testid="chat-document">
        <IconFileTypePdf size={28} stroke={1.6} aria-hidden="true" />
        <div>
          <p className={classes.fileName}>{file.name}</p>
          <p className={classes.fileMarks}>{sizeText(file.size, locale)}</p>
          <p className={classes.fileDeeds}>
            <OpenDocument address={address} />
            {save}
          </p>
        </div>
      </div>
    );
  return (
    <figure className={classes.figure}>
      <button type="button" className={classes.picture} onClick={open}>
        <img src={address} alt={t('chat.pictureNamed', { name: file.name })} loading="lazy" />
      </button>
      <figcaption>{save}</figcaption>
      <Dialog opened={opened} onClose={close} title={file.name} size="xl" zIndex={500}>
        <img
          src={address}
          alt={t('chat.pictureNamed', { name: file.name })}
          className={classes.large}
        />
      </Dialog>
    </figure>
  );
}

/** The browser's own reader shows it, from bytes it was handed: no address of the visit stands in a tab. */
function OpenDocument({ address }: { address: string }) {
  const { t } = useTranslation('panels');
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const show = async (): Promise<void> => {
    setState('busy');
    try {
      const bytes = await api.bytes(address);
      const url = URL.createObjectURL(new Blob([bytes], { type: 'application/pdf' }));
      globalThis.open(url, '_blank', 'noopener');
      // Read by the other tab by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      setState('idle');
    } catch {
      setState('failed');
    }
  };
  return (
    <>
      <Button
        size="compact-md"
        variant="default"
        loading={state === 'busy'}
        onClick={() => void show()}
      >
        {t('chat.openFile')}
      </Button>
      {state === 'failed' && <span role="alert">{t('chat.notOpened')}</span>}
    </>
  );
}
