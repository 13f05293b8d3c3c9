/** Captions on screen: the lines over the picture, and the panel that turns them on and says honestly where they come from. */
import { Button, SegmentedControl, Switch } from '@mantine/core';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallState } from '../../call-session.ts';
import classes from '../panels.module.css';
import lines from './captions.module.css';
import type { CaptionDesk } from './caption-desk.ts';

interface Props {
  desk: CaptionDesk;
  nameOf: (peer: string) => string;
}

export function CaptionLines({ desk, nameOf }: Props) {
  const { t } = useTranslation(['panels', 'group']);
  const state = useSyncExternalStore(desk.subscribe, () => desk.state);
  const frame = useRef<HTMLDivElement>(null);
  const last = state.lines.at(-1);
  const newest = last && `${last.id} ${last.text.length}`;
  useEffect(() => {
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  }, [newest]);
  if (!state.reading) return null;
  return (
    <div
      ref={frame}
      className={lines.captions}
      data-size={state.size}
      data-testid="captions"
      tabIndex={0}
      role="log"
      aria-label={t('captions.title')}
    >
      {state.lines.length === 0 && <p className={lines.none}>{t('captions.waiting')}</p>}
      {state.lines.map((line) => (
        <p key={line.id} data-growing={!line.final || undefined} dir="auto">
          <b>{line.from === '' ? t('group:you') : nameOf(line.from)}</b> {line.text}
        </p>
      ))}
    </div>
  );
}

export function CaptionsPanel({ desk, nameOf, link }: Props & { link: CallState['link'] }) {
  const { t } = useTranslation(['panels', 'group']);
  const state = useSyncExternalStore(desk.subscribe, () => desk.state);
  const speakers = link.people.filter(({ seated, hidden }) => seated && !hidden);
  return (
    <div className={classes.stack}>
      <p className={classes.soft}>{t('captions.about')}</p>
      <Switch
        size="md"
        label={t('captions.show')}
        checked={state.reading}
        onChange={(event) => desk.read(event.currentTarget.checked)}
        data-testid="captions-on"
      />
      <SegmentedControl
        fullWidth
        className={classes.wide}
        aria-label={t('captions.size')}
        value={String(state.size)}
        onChange={(value) => desk.sized(value === '3' ? 3 : value === '2' ? 2 : 1)}
        data={([1, 2, 3] as const).map((size) => ({
          value: String(size),
          label: t(`captions.sizes.${size}`),
        }))}
      />
      <ul className={classes.list} aria-live="polite">
        <li className={classes.item} data-testid="captions-own" data-ability={state.own}>
          <div className={classes.itemWho}>
            <strong>{t('group:you')}</strong>
            <span className={classes.soft}>
              {t(state.declined ? 'captions.declined' : `captions.own.${state.own}`)}
            </span>
          </div>
          {state.own === 'to-install' && (
            <Button size="sm" variant="default" onClick={() => void desk.install()}>
              {t('captions.install')}
            </Button>
          )}
          {state.own === 'ready' && (
            <Button size="sm" variant="default" onClick={() => desk.decline(!state.declined)}>
              {t(state.declined ? 'captions.accept' : 'captions.decline')}
            </Button>
          )}
        </li>
        {state.reading &&
          speakers.map(({ peer }) => (
            <li key={peer} className={classes.item}>
              <div className={classes.itemWho}>
                <strong>{nameOf(peer)}</strong>
                <span className={classes.soft}>
                  {t(`captions.other.${state.others.get(peer) ?? 'unknown'}`)}
                </span>
              </div>
            </li>
          ))}
      </ul>
    </div>
  );
}

/** Whoever is read hears of it, and may end it. */
export function CaptionSign({ desk, nameOf }: Props) {
  const { t } = useTranslation('panels');
  const { readers, giving } = useSyncExternalStore(desk.subscribe, () => desk.state);
  if (readers.length === 0 || !giving) return null;
  return (
    <div className={classes.sign} role="status" data-testid="caption-sign">
      <span>{t('captions.read', { names: readers.map(nameOf).join(', ') })}</span>
      <button type="button" className={lines.deed} onClick={() => desk.decline(true)}>
        {t('captions.decline')}
      </button>
    </div>
  );
}
