/** The pictures of a room of three to eight: all alike, or one large and a strip of the others. */
import { useMediaQuery } from '@mantine/hooks';
import { type CSSProperties, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitLink } from '../link.ts';
import { isWithout, type LinkState } from '../link-state.ts';
import { type Asides, AsideSign } from './asides.tsx';
import { arrange, type Place } from './arrangement.ts';
import { Director } from './director.ts';
import classes from './group.module.css';
import type { Viewer } from './names.ts';
import { GroupTile } from './tile.tsx';
import { useSizes } from './use-sizes.ts';

/** A tile that has just come is wanted small until its size is known. */
const notMeasured = 1;

interface Props {
  link: VisitLink;
  state: LinkState;
  viewer: Viewer;
  variant: 'full' | 'floating';
  saver: boolean;
  asides: Asides;
  onFirstFrame: () => void;
}

export function GroupView(props: Props) {
  const { link, state, viewer, variant, saver, asides, onFirstFrame } = props;
  const { t } = useTranslation('group');
  const [director] = useState(() => new Director(link));
  const direction = useSyncExternalStore(director.subscribe, () => director.state);
  const [pinned, setPinned] = useState<string>();
  const phone = useMediaQuery('(max-width: 40em)', false, { getInitialValueInEffect: false });
  const { sizes, watch } = useSizes();
  useEffect(() => {
    director.start();
    return () => director.stop();
  }, [director]);

  const narrow = phone || variant === 'floating';
  const { large, places, columns } = arrange(state.people, {
    pinned,
    speaker: direction.speaker,
    narrow,
  });
  const shown = places
    .map(({ id, peer, kind }) => `${peer} ${kind} ${sizes.get(id) ?? notMeasured}`)
    .join('|');
  const pinnedPeer = places.find(({ id }) => id === pinned)?.peer;
  useEffect(() => {
    const tiles = shown.split('|').flatMap((one) => {
      const [peer, kind, height] = one.split(' ');
      return peer && (kind === 'video' || kind === 'screen')
        ? [{ peer, kind, height: Number(height) } as const]
        : [];
    });
    director.show(tiles, pinnedPeer, saver);
  }, [director, shown, pinnedPeer, saver]);

  const tile = (place: Place) => {
    const person = state.people.find(({ peer }) => peer === place.peer);
    if (!person) return null;
    const withheld =
      direction.level === 'voices' || (direction.level === 'screens' && place.kind === 'video');
    return (
      <GroupTile
        key={place.id}
        place={place}
        person={person}
        viewer={viewer}
        weak={direction.weak.has(place.peer)}
        speaksAside={place.kind !== 'screen' && asides.speaking.has(place.peer)}
        pinned={pinned === place.id}
        large={place === large}
        withheld={withheld}
        onPin={() => setPinned((before) => (before === place.id ? undefined : place.id))}
        watch={watch}
        onFirstFrame={onFirstFrame}
      />
    );
  };
  const observers = state.people.filter((person) => person.seated && person.hidden).length;
  return (
    <div
      className={classes.group}
      data-variant={variant}
      data-large={large ? 'one' : undefined}
      data-count={places.length}
      data-testid="group-view"
      role="group"
      aria-label={t('people')}
      style={{ '--columns': columns, '--others': Math.max(1, places.length - 1) } as CSSProperties}
    >
      <div className={classes.tiles}>{places.map(tile)}</div>
      {isWithout(state) && (
        <p role="status" className={classes.without} data-testid="other-away">
          {t('without', { name: viewer.otherName })}
        </p>
      )}
      <AsideSign asides={asides} viewer={viewer} />
      {direction.level !== 'all' && (
        <p role="status" className={classes.strained} data-testid="group-strained">
          {t(`strained.${direction.level}`)}
        </p>
      )}
      {observers > 0 && (
        <p className={classes.observers} data-testid="observers">
          {t('observers', { count: observers })}
        </p>
      )}
    </div>
  );
}
