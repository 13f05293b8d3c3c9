/** For how long the picked time is kept, counting down; said aloud when a minute is left and when it is over. */
import { Button } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { stopwatch } from '../kit/time.ts';
import { Notice } from '../kit/trouble.tsx';
import classes from './book.module.css';
import type { Holding } from './use-hold.ts';

interface Props {
  hold: Holding;
  onAgain: () => void;
}

export function HoldLine({ hold, onAgain }: Props) {
  const { t } = useTranslation('booking');
  const { left } = hold;
  return (
    <>
      {left !== undefined && (
        <p className={classes.hold} data-testid="hold" data-soon={left < 60_000 || undefined}>
          <IconHourglass size={18} aria-hidden="true" />
          {t('hold.left', { time: stopwatch(left) })}
        </p>
      )}
      <span className="afar-hidden" role="status">
        {left !== undefined && left < 60_000 && t('hold.soon')}
      </span>
      {hold.lapsed && (
        <Notice
          tone="warm"
          title={t('hold.lapsed')}
          action={
            <Button variant="default" size="sm" loading={hold.pending} onClick={onAgain}>
              {t('hold.again')}
            </Button>
          }
        >
          {t('hold.lapsedText')}
        </Notice>
      )}
    </>
  );
}
