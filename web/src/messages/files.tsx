/** Files of a message: chosen, made small, sent up, seen before they go; and shown where they came. */
import { ActionIcon, Anchor, FileButton, Loader } from '@mantine/core';
import { IconFileTypePdf, IconPaperclip, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '@afar/messaging/contract';
import { asApiError } from '../kit/api.ts';
import { useReader } from '../shell/session.ts';
import classes from './messages.module.css';
import { sizeText, smaller } from './picture.ts';
import { fileAddress, upload } from './queries.ts';

export const mostFiles = 5;
const accepted = 'image/jpeg,image/png,image/webp,image/heic,image/heif,application/pdf';

export interface Files {
  kept: Attachment[];
  busy: boolean;
  /** What went wrong with the last one. */
  fault: 'size' | 'type' | 'line' | undefined;
  add(files: File[]): Promise<void>;
  remove(id: string): void;
  clear(): void;
}

const faultOf = (error: unknown): Files['fault'] => {
  const { status } = asApiError(error);
  if (status === 413) return 'size';
  return status === 422 ? 'type' : 'line';
};

export function useFiles(patient: string): Files {
  const [kept, setKept] = useState<Attachment[]>([]);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Files['fault']>();
  return {
    kept,
    busy,
    fault,
    async add(files) {
      setBusy(true);
      setFault(undefined);
      let left = mostFiles - kept.length;
      for (const file of files) {
        if (left-- <= 0) break;
        try {
          const made = await upload(patient, await smaller(file), file.name);
          setKept((before) => [...before, made]);
        } catch (error) {
          setFault(faultOf(error));
        }
      }
      setBusy(false);
    },
    remove: (id) => setKept((before) => before.filter((one) => one.id !== id)),
    clear: () => {
      setKept([]);
      setFault(undefined);
    },
  };
}

export function AddFiles({ files }: { files: Files }) {
  const { t } = useTranslation('messages');
  return (
    <FileButton
      accept={accepted}
      multiple
      disabled={files.busy || files.kept.length >= mostFiles}
      onChange={(chosen) => void files.add(chosen)}
      inputProps={{ 'aria-label': t('attach'), tabIndex: -1 }}
    >
      {(props) => (
        <ActionIcon
          {...props}
          variant="subtle"
          color="gray"
          size={44}
          radius="xl"
          aria-label={t('attach')}
        >
          {files.busy ? <Loader size={20} /> : <IconPaperclip size={22} aria-hidden="true" />}
        </ActionIcon>
      )}
    </FileButton>
  );
}

/** What will go with the message. */
export function Chosen({ files }: { files: Files }) {
  const { t } = useTranslation('messages');
  if (files.kept.length === 0) return null;
  return (
    <ul className={classes.chosen} aria-label={t('chosen')}>
      {files.kept.map((one) => (
        <li key={one.id} data-testid="chosen-file">
          <FileView file={one} />
          <ActionIcon
            variant="default"
            size={32}
            radius="xl"
            className={classes.remove}
            aria-label={t('removeFile', { name: one.name || t('file') })}
            onClick={() => files.remove(one.id)}
          >
            <IconX size={16} aria-hidden="true" />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

/** A picture as one, a document by its name. */
export function FileView({ file }: { file: Attachment }) {
  const { t } = useTranslation('messages');
  const { locale } = useReader();
  const name = file.name || t('file');
  if (file.type === 'application/pdf')
    return (
      <Anchor href={fileAddress(file.id)} download={name} className={classes.document}>
        <IconFileTypePdf size={28} stroke={1.6} aria-hidden="true" />
        <span>
          {name}
          <small>{sizeText(file.size, locale)}</small>
        </span>
      </Anchor>
    );
  return (
    <a href={fileAddress(file.id)} target="_blank" rel="noreferrer" className={classes.picture}>
      <img src={fileAddress(file.id)} alt={name} loading="lazy" />
    </a>
  );
}
