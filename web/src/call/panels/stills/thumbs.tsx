/** Pictures that were kept, small; a press shows one in its whole size. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Media } from '@afar/fhir';
import type { StillView } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { Dialog } from '../../../kit/dialog.tsx';
import { clockTime } from '../../../kit/time.ts';
import { useReader } from '../../../shell/session.ts';
import classes from '../panels.module.css';

export function Thumbs({ stills }: { stills: readonly StillView[] }) {
  const shown = stills.filter(({ state }) => state === 'kept' || state === 'refused').toReversed();
  if (shown.length === 0) return null;
  return (
    <ul className={classes.thumbs} data-testid="stills">
      {shown.map((still) => (
        <li key={still.id}>
          {still.media ? <Thumb media={still.media} at={still.askedAt} /> : <Refused />}
        </li>
      ))}
    </ul>
  );
}

function Refused() {
  const { t } = useTranslation('panels');
  return <p className={`${classes.thumb} ${classes.thumbNone}`}>{t('stills.state.refused')}</p>;
}

async function pictureOf(media: string, signal: AbortSignal): Promise<Blob> {
  const { content } = await api.get<Media>(`/fhir/R4/${media}`, { signal });
  return api.bytes(`/fhir/R4/${content.url}`, { accept: 'image/jpeg' });
}

function Thumb({ media, at }: { media: string; at: string }) {
  const { t } = useTranslation('panels');
  const { zone, locale } = useReader();
  const [opened, setOpened] = useState(false);
  const picture = useQuery({
    queryKey: ['still', media],
    queryFn: ({ signal }) => pictureOf(media, signal),
    staleTime: Infinity,
  });
  const url = useMemo(() => picture.data && URL.createObjectURL(picture.data), [picture.data]);
  useEffect(() => () => URL.revokeObjectURL(url ?? ''), [url]);
  const label = t('stills.keptAt', { time: clockTime(at, zone, locale) });
  if (!url)
    return (
      <p className={`${classes.thumb} ${classes.thumbNone}`}>
        {picture.isError ? t('stills.notShown') : label}
      </p>
    );
  return (
    <>
      <button
        type="button"
        className={classes.thumb}
        onClick={() => setOpened(true)}
        data-testid="still-thumb"
      >
        <img src={url} alt={label} />
      </button>
      <Dialog opened={opened} onClose={() => setOpened(false)} title={label} size="xl" zIndex={500}>
        <img src={url} alt={label} className={classes.shot} />
      </Dialog>
    </>
  );
}
