/** The free times of one day, under the part of the sky they belong to. */
import { Button } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FreeSlot } from '@afar/visits/contract';
import { Empty } from '../kit/empty.tsx';
import { Sky } from '../kit/sky.tsx';
import { clockTime, zonesDiffer } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import classes from './book.module.css';
import { byPart, type Part } from './days.ts';

interface Props {
  slots: FreeSlot[];
  weekEmpty: boolean;
  clinicZone: string | undefined;
  chosen: string | undefined;
  onChoose: (slot: FreeSlot) => void;
  onJump?: () => void;
}

const parts: Part[] = ['morning', 'afternoon', 'evening'];

export function Times({ slots, weekEmpty, clinicZone, chosen, onChoose, onJump }: Props) {
  const { t } = useTranslation('patient');
  const { zone } = useReader();
  if (slots.length === 0)
    return (
      <Empty text={t(weekEmpty ? 'book.emptyWeek' : 'book.emptyDay')}>
        {weekEmpty && onJump && (
          <Button variant="light" onClick={onJump}>
            {t('book.jump')}
          </Button>
        )}
      </Empty>
    );
  const sorted = byPart(slots, zone);
  return (
    <div className={classes.parts}>
      {parts
        .filter((part) => sorted[part].length > 0)
        .map((part) => (
          <section key={part} aria-labelledby={`part-${part}`} className={classes.part}>
            <h2 id={`part-${part}`} className={classes.partTitle}>
              <span className={classes.partSky}>
                <Sky at={sorted[part][0]!.start} zone={zone} />
              </span>
              {t(`book.${part}`)}
            </h2>
            <OfPart
              labelledBy={`part-${part}`}
              slots={sorted[part]}
              clinicZone={clinicZone}
              chosen={chosen}
              onChoose={onChoose}
            />
          </section>
        ))}
    </div>
  );
}

interface OfPartProps extends Pick<Props, 'slots' | 'clinicZone' | 'chosen' | 'onChoose'> {
  labelledBy: string;
}

/** One stop of Tab, however many times there are; arrows go from time to time [ARIA APG, toolbar]. */
function OfPart({ labelledBy, slots, clinicZone, chosen, onChoose }: OfPartProps) {
  const { zone, locale } = useReader();
  const [at, setAt] = useState<string>();
  const has = (id: string | undefined): boolean => slots.some((one) => one.id === id);
  const stop = [at, chosen].find(has) ?? slots[0]?.id;
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    const next = nextOf(
      event.key,
      slots.findIndex((one) => one.id === stop),
      slots.length,
    );
    const id = next === undefined ? undefined : slots[next]?.id;
    if (!id) return;
    event.preventDefault();
    event.currentTarget.querySelector<HTMLElement>(`[data-slot="${id}"]`)?.focus();
  };
  return (
    <div className={classes.times} role="toolbar" aria-labelledby={labelledBy} onKeyDown={onKey}>
      {slots.map((slot) => (
        <button
          key={slot.id}
          type="button"
          className={classes.time}
          aria-pressed={slot.id === chosen}
          tabIndex={slot.id === stop ? 0 : -1}
          data-testid="slot"
          data-slot={slot.id}
          onFocus={() => setAt(slot.id)}
          onClick={() => onChoose(slot)}
        >
          <time dateTime={slot.start}>{clockTime(slot.start, zone, locale)}</time>
          {clinicZone && zonesDiffer(slot.start, zone, clinicZone) && (
            <span className={classes.there}>{clockTime(slot.start, clinicZone, locale)}</span>
          )}
        </button>
      ))}
    </div>
  );
}

/** Where a key leads in a row of times; forward is where the text runs. */
function nextOf(key: string, at: number, all: number): number | undefined {
  const rtl = document.documentElement.dir === 'rtl';
  if (key === 'Home') return 0;
  if (key === 'End') return all - 1;
  if (key === 'ArrowDown' || key === (rtl ? 'ArrowLeft' : 'ArrowRight')) return at + 1;
  if (key === 'ArrowUp' || key === (rtl ? 'ArrowRight' : 'ArrowLeft')) return at - 1;
  return undefined;
}
