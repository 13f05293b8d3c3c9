/** The clinician asks somebody to mute: said to her, and hers to do. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitLink } from '../link.ts';
import classes from './group.module.css';

/** A wish nobody answered is not left standing, ms. */
const stands = 20_000;

export function MuteWish({
  link,
  on,
  onMute,
}: {
  link: VisitLink;
  on: boolean;
  onMute: () => void;
}) {
  const { t } = useTranslation('group');
  const [asked, setAsked] = useState(0);
  useEffect(
    () =>
      link.onSealed('mute-please', (from) => {
        // Only of whom the room knows as its clinician.
        const director = link.state.people.find(({ peer }) => peer === from);
        if (director?.role === 'clinician') setAsked(Date.now());
      }),
    [link],
  );
  useEffect(() => {
    if (!asked) return undefined;
    const timer = setTimeout(() => setAsked(0), stands);
    return () => clearTimeout(timer);
  }, [asked]);
  if (!asked || !on) return null;
  return (
    <div role="alert" className={classes.asked} data-testid="mute-wish">
      {t('mutePlease')}
      <Button
        size="compact-md"
        onClick={() => {
          onMute();
          setAsked(0);
        }}
      >
        {t('muteNow')}
      </Button>
    </div>
  );
}
