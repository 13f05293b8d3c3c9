/** Everybody in the room by name and role, the code they share, and what the clinician may do about each. */
import { Button, Popover, UnstyledButton } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { MediaState } from '@afar/visits/contract';
import { Trouble } from '../../kit/trouble.tsx';
import type { VisitLink } from '../link.ts';
import { isGroup, type LinkState, type RemotePerson } from '../link-state.ts';
import classes from './group.module.css';
import { nameOf, roleWord, type Viewer } from './names.ts';
import { useGuests } from './use-guests.ts';

interface Props {
  visitId: string;
  link: VisitLink;
  state: LinkState;
  viewer: Viewer;
}

/** A button that tells how many are here, and the list behind it. */
export function PeoplePanel({ visitId, link, state, viewer }: Props) {
  const { t } = useTranslation('group');
  const directs = viewer.role === 'clinician';
  const list = useRef<HTMLUListElement>(null);
  const desk = useGuests(visitId, link, directs);
  const seated = state.people.filter((person) => person.seated);
  const asking = desk.guests.filter((guest) => guest.state === 'waiting');
  if (!isGroup(state) && asking.length === 0) return null;
  const pairs = state.code?.match(/../g)?.join(' ');
  return (
    <Popover position="bottom-end" width={340} radius="lg" shadow="lg" withArrow trapFocus>
      <Popover.Target>
        <UnstyledButton className={classes.peopleButton} data-testid="people">
          <IconUsers size={18} aria-hidden="true" />
          <span className="afar-figures" aria-hidden="true">
            {seated.length + 1}
          </span>
          <span className="afar-hidden">{t('inRoom', { count: seated.length + 1 })}</span>
          {asking.length > 0 && (
            <span className={classes.asking} role="status" data-testid="at-the-door">
              {t('atTheDoor', { count: asking.length })}
            </span>
          )}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown mah="70vh" style={{ overflowY: 'auto' }} data-testid="people-panel">
        {desk.error ? <Trouble error={desk.error} /> : null}
        <ul ref={list} tabIndex={-1} className={classes.roster} aria-label={t('people')}>
          {asking.map((guest) => (
            <li key={guest.id} className={classes.seat} data-testid="guest-waiting">
              <div className={classes.seatWho}>
                <p className={classes.seatName}>{guest.name}</p>
                <p className={classes.seatMarks}>
                  {t(`role.${guest.kind}`)} · {t('waits')}
                </p>
              </div>
              <Button
                size="sm"
                loading={desk.busy}
                onClick={() => {
                  desk.admit(guest.id);
                  // The button goes with her; whoever works by keyboard stays in the list.
                  list.current?.focus();
                }}
                data-testid="admit-guest"
              >
                {t('admit')}
              </Button>
              <Button
                size="sm"
                variant="default"
                disabled={desk.busy}
                onClick={() => desk.eject(guest.id)}
              >
                {t('refuse')}
              </Button>
            </li>
          ))}
          {state.own && (
            <li className={classes.seat}>
              <div className={classes.seatWho}>
                <p className={classes.seatName}>{t('you')}</p>
                <p className={classes.seatMarks}>
                  {[
                    t(`role.${roleWord(state.own)}`),
                    ...asides(state.own).map((one) => t(one)),
                  ].join(' · ')}
                </p>
              </div>
            </li>
          )}
          {seated.map((person) => (
            <Seated key={person.peer} person={person} viewer={viewer}>
              {directs && person.media.microphone && !person.hidden && (
                <Button
                  size="sm"
                  variant="default"
                  onClick={() => void askToMute(link, person.peer)}
                  data-testid="ask-to-mute"
                >
                  {t('askToMute')}
                </Button>
              )}
              {directs && person.role === 'guest' && (
                <Button
                  size="sm"
                  variant="default"
                  color="red"
                  disabled={desk.busy}
                  onClick={() => {
                    const guest = desk.guests.find(({ peer }) => peer === person.peer);
                    if (guest) desk.eject(guest.id);
                  }}
                  data-testid="eject"
                >
                  {t('eject')}
                </Button>
              )}
            </Seated>
          ))}
        </ul>
        {pairs && (
          <p className={classes.seatMarks}>
            {t('code')}{' '}
            <bdi className="afar-figures" dir="ltr">
              {pairs}
            </bdi>
          </p>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** A wish, not an order: nobody's microphone is switched by somebody else. */
const askToMute = (link: VisitLink, peer: string): Promise<void> =>
  link.sendSealed('mute-please', new Uint8Array([1]), peer);

function Seated(props: { person: RemotePerson; viewer: Viewer; children: React.ReactNode }) {
  const { person, viewer, children } = props;
  const { t } = useTranslation('group');
  const role = t(`role.${roleWord(person)}`);
  const name = nameOf(person, viewer) ?? role;
  const marks = [
    ...(name === role ? [] : [role]),
    ...asides(person).map((one) => t(one)),
    ...(person.hidden ? [t('observes')] : silences(person.media).map((one) => t(one))),
    ...(person.present ? [] : [t('away')]),
    ...(person.blind ? [t('blind')] : []),
  ];
  return (
    <li className={classes.seat} data-testid="seat" data-peer={person.peer}>
      <div className={classes.seatWho}>
        <p className={classes.seatName}>{name}</p>
        <p className={classes.seatMarks}>{marks.join(' · ')}</p>
      </div>
      {children}
    </li>
  );
}

/** Everybody sees who may speak so that not everybody hears it. */
const asides = ({ whispersTo }: { whispersTo?: readonly string[] }): 'mayAside'[] =>
  whispersTo?.length ? ['mayAside'] : [];

const silences = ({ microphone, camera }: MediaState): ('muted' | 'cameraOff')[] => [
  ...(microphone ? [] : (['muted'] as const)),
  ...(camera ? [] : (['cameraOff'] as const)),
];
