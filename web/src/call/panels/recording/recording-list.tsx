/** Recordings of a visit, on its page: opened in this browser, played here, destroyed by who made them; and what still waits here is sent. */
import { Button, Progress } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingView } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { Dialog } from '../../../kit/dialog.tsx';
import { Notice, Trouble } from '../../../kit/trouble.tsx';
import { When } from '../../../kit/when.tsx';
import { sizeText } from '../../../messages/picture.ts';
import { useReader } from '../../../shell/session.ts';
import classes from '../panels.module.css';
import { bringLeft, keyOf, recordingsOf } from './left.ts';
import { filmsIn } from './parts.ts';
import { isLeftOut } from './kept.ts';
import { openChunk } from './seal.ts';

/** What waits in this browser is looked after this often, ms. */
const everyLook = 5_000;

/** @param owns the reader's own browsers may have made them: sends what waits here, may destroy them */
export function RecordingList({ visitId, owns }: { visitId: string; owns: boolean }) {
  const { t } = useTranslation('panels');
  const client = useQueryClient();
  const queryKey = ['visit-recordings', visitId];
  const list = useQuery({ queryKey, queryFn: () => recordingsOf(visitId) });
  const [waits, setWaits] = useState(0);
  useEffect(() => {
    if (!owns) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const look = async (before: number): Promise<void> => {
      const left = await bringLeft(visitId).catch(() => before);
      if (gone) return;
      setWaits(left);
      if (left !== before)
        void client.invalidateQueries({ queryKey: ['visit-recordings', visitId] });
      timer = setTimeout(() => void look(left), everyLook);
    };
    // The first look finds what the call itself has just sent.
    void look(-1);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [owns, visitId, client]);
  if (list.isError) return <Trouble error={list.error} retry={() => void list.refetch()} />;
  const shown = (list.data ?? []).filter(({ state }) => state === 'finished');
  if (shown.length === 0 && waits <= 0) return null;
  return (
    <section className={classes.stack} data-testid="recordings">
      <h2>{t('recording.list')}</h2>
      {waits > 0 && (
        <Notice tone="warm" title={t('recording.waits')}>
          {t('recording.waitsText')}
        </Notice>
      )}
      <ul className={classes.list}>
        {shown.map((recording) => (
          <Recording key={recording.id} visitId={visitId} recording={recording} owns={owns} />
        ))}
      </ul>
    </section>
  );
}

interface OneProps {
  visitId: string;
  recording: RecordingView;
  owns: boolean;
}

function Recording({ visitId, recording, owns }: OneProps) {
  const { t } = useTranslation('panels');
  const { locale } = useReader();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const destroy = useMutation({
    mutationFn: () =>
      api.post<RecordingView>(`/api/visits/${visitId}/recordings/${recording.id}/delete`),
    onSuccess: () => {
      setSure(false);
      void client.invalidateQueries({ queryKey: ['visit-recordings', visitId] });
    },
  });
  return (
    <li className={classes.item} data-testid="recording">
      <div className={classes.itemWho}>
        <strong>
          <When at={recording.beganAt} />
        </strong>
        <span className={classes.soft}>
          {sizeText(recording.bytes, locale)}
          {recording.keptUntil && (
            <>
              {' · '}
              {t('recording.keptUntil')} <When at={recording.keptUntil} />
            </>
          )}
        </span>
      </div>
      <div className={classes.deeds}>
        <Player visitId={visitId} recording={recording} />
        {owns && (
          <Button size="sm" variant="subtle" color="red" onClick={() => setSure(true)}>
            {t('recording.destroy')}
          </Button>
        )}
      </div>
      <Dialog opened={sure} onClose={() => setSure(false)} title={t('recording.destroySure')}>
        <div className={classes.stack}>
          <p>{t('recording.destroyText')}</p>
          {destroy.isError && <Trouble error={destroy.error} />}
          <Button color="red" loading={destroy.isPending} onClick={() => destroy.mutate()}>
            {t('recording.destroy')}
          </Button>
        </div>
      </Dialog>
    </li>
  );
}

/** @returns an address of each film, opened in this browser alone */
async function filmsOf(
  visit: string,
  { id, next, type }: RecordingView,
  told: (part: number) => void,
): Promise<string[]> {
  const key = await keyOf(visit, id);
  const chunks: (ArrayBuffer | undefined)[] = [];
  for (let n = 0; n < next; n++) {
    const sealed = await api.bytes(`/api/visits/${visit}/recordings/${id}/chunks/${n}`);
    const bytes = await sealed.arrayBuffer();
    chunks.push(isLeftOut(bytes) ? undefined : await openChunk(key, id, n, bytes));
    told((n + 1) / next);
  }
  return filmsIn(chunks).map((film) => URL.createObjectURL(new Blob(film, { type })));
}

function Player({ visitId, recording }: Omit<OneProps, 'owns'>) {
  const { t } = useTranslation('panels');
  const [films, setFilms] = useState<string[]>();
  const [at, setAt] = useState(0);
  const [share, setShare] = useState<number>();
  const [error, setError] = useState<unknown>();
  useEffect(() => () => films?.forEach((film) => URL.revokeObjectURL(film)), [films]);
  const open = async (): Promise<void> => {
    setShare(0);
    setError(undefined);
    try {
      setFilms(await filmsOf(visitId, recording, setShare));
      setAt(0);
    } catch (failed) {
      setError(failed);
    }
    setShare(undefined);
  };
  return (
    <>
      <Button
        size="sm"
        variant="default"
        loading={share !== undefined}
        onClick={() => void open()}
        data-testid="play-recording"
      >
        {t('recording.play')}
      </Button>
      {share !== undefined && (
        <Progress
          w="100%"
          value={share * 100}
          aria-label={t('recording.opening')}
          aria-valuetext={t('recording.opening')}
        />
      )}
      {error !== undefined && <Trouble error={error} />}
      <Dialog
        opened={films !== undefined}
        onClose={() => setFilms(undefined)}
        title={t('recording.list')}
        size="xl"
      >
        {films && (
          <div className={classes.stack}>
            {/* A conversation that nobody wrote down: the chat and the captions of the visit were not kept with it. */}
            <video
              key={films[at]}
              src={films[at]}
              controls
              autoPlay
              playsInline
              className={classes.shot}
              onEnded={() => setAt((now) => Math.min(now + 1, films.length - 1))}
              data-testid="recording-player"
            />
            {films.length > 1 && (
              <div className={classes.deeds} role="group" aria-label={t('recording.parts')}>
                {films.map((film, part) => (
                  <Button
                    key={film}
                    size="sm"
                    variant={part === at ? 'filled' : 'default'}
                    aria-pressed={part === at}
                    onClick={() => setAt(part)}
                  >
                    {t('recording.part', { number: part + 1 })}
                  </Button>
                ))}
              </div>
            )}
          </div>
        )}
      </Dialog>
    </>
  );
}
