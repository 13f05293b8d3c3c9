/** The free times of one day, under the part of the sky they belong to. */
import { Button } from '@mantine/core';
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
  const { zone, locale } = useReader();
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
            <div className={classes.times} role="group" aria-labelledby={`part-${part}`}>
              {sorted[part].map((slot) => (
                <button
                  key={slot.id}
                  type="button"
                  className={classes.time}
                  aria-pressed={slot.id === chosen}
                  data-testid="slot"
                  data-slot={slot.id}
                  onClick={() => onChoose(slot)}
                >
                  <time dateTime={slot.start}>{clockTime(slot.start, zone, locale)}</time>
                  {clinicZone && zonesDiffer(slot.start, zone, clinicZone) && (
                    <span className={classes.there}>
                      {clockTime(slot.start, clinicZone, locale)}
                    </span>
                  )}
                </button>
              ))}
            </div>
          </section>
        ))}
    </div>
  );
}
