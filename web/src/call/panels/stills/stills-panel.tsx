/** Pictures of this visit for its clinician: asks for one, sees where each stands, looks at those that were kept. */
import { Button } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Pending } from '../../../kit/page.tsx';
import { Trouble } from '../../../kit/trouble.tsx';
import classes from '../panels.module.css';
import type { StillDesk } from './still-desk.ts';
import { Thumbs } from './thumbs.tsx';

export function StillsPanel({ desk, name }: { desk: StillDesk; name: string }) {
  const { t } = useTranslation('panels');
  const { stills, loaded, error } = useSyncExternalStore(desk.subscribe, () => desk.state);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const last = stills.at(-1);
  const pending = last?.state === 'asked' || last?.state === 'agreed' ? last.state : undefined;
  const ask = async (): Promise<void> => {
    setBusy(true);
    setFault(undefined);
    try {
      await desk.ask();
    } catch (failed) {
      setFault(failed);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.stack}>
      <p className={classes.soft}>{t('stills.about', { name })}</p>
      <Button
        loading={busy}
        disabled={pending !== undefined}
        onClick={() => void ask()}
        data-testid="ask-still"
      >
        {t('stills.ask')}
      </Button>
      <p role="status">{pending && t(`stills.state.${pending}`)}</p>
      {fault !== undefined && <Trouble error={fault} />}
      {error !== undefined && <Trouble error={error} retry={() => void desk.look()} />}
      {!loaded && error === undefined && <Pending rows={1} height={90} />}
      <Thumbs stills={stills} />
    </div>
  );
}
