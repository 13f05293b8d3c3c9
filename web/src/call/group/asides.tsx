/** What is said to the reader alone: played whatever stands on screen, and told while it is said. */
import { IconEar } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitLink } from '../link.ts';
import type { LinkState, RemotePerson } from '../link-state.ts';
import { nextAsides, noAsides } from './aside-words.ts';
import classes from './group.module.css';
import { nameOf, roleWord, type Viewer } from './names.ts';
import { usePlayed } from './use-played.ts';

const everyLook = 400;

export interface Asides {
  /** Who may speak to the reader alone, and has a line for it. */
  people: readonly RemotePerson[];
  /** Peers who do now. */
  speaking: ReadonlySet<string>;
}

export function useAsides(link: VisitLink, { own, people }: LinkState): Asides {
  const [heard, setHeard] = useState<readonly string[]>([]);
  // Whatever an engine sends: what is not meant for oneself is not played.
  const meant = people.filter(
    ({ aside, blind, whispersTo }) =>
      aside && !blind && own && whispersTo?.includes(own.peer) === true,
  );
  const any = meant.length > 0;
  useEffect(() => {
    if (!any) return undefined;
    let words = noAsides;
    const look = async (): Promise<void> => {
      words = nextAsides(words, await link.arrivals(), Date.now());
      const { speaking } = words;
      setHeard((before) => (before.join() === speaking.join() ? before : speaking));
    };
    const timer = setInterval(() => void look(), everyLook);
    return () => {
      clearInterval(timer);
      setHeard([]);
    };
  }, [link, any]);
  const speaking = new Set(meant.flatMap(({ peer }) => (heard.includes(peer) ? [peer] : [])));
  return { people: meant, speaking };
}

export function AsideVoices({ people }: Asides) {
  return people.map(({ peer, aside }) => <Voice key={peer} stream={aside!} />);
}

function Voice({ stream }: { stream: MediaStream }) {
  const audio = useRef<HTMLAudioElement>(null);
  usePlayed(audio, stream);
  return <audio ref={audio} autoPlay data-testid="aside" />;
}

/** Says who speaks to the reader alone, for as long as she does. */
export function AsideSign({ asides, viewer }: { asides: Asides; viewer: Viewer }) {
  const { t } = useTranslation('group');
  const names = asides.people
    .filter(({ peer }) => asides.speaking.has(peer))
    .map((person) => nameOf(person, viewer) ?? t(`role.${roleWord(person)}`));
  if (asides.people.length === 0) return null;
  // One place, filled and emptied: a screen reader says it once, not over each of her words.
  return (
    <div role="status">
      {names.length > 0 && (
        <p className={classes.aside} data-testid="speaks-aside">
          <IconEar size={16} aria-hidden="true" /> {t('asideNow', { name: names.join(', ') })}
        </p>
      )}
    </div>
  );
}
