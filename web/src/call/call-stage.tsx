/** The call on screen: the other person large, oneself small, the controls, and every state between. */
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { RevokeReason } from '@afar/visits/contract';
import classes from './call.module.css';
import { CallBar } from './call-bar.tsx';
import { type CallChoices, CallSession } from './call-session.ts';
import { CallTop } from './call-top.tsx';
import { AsideVoices, useAsides } from './group/asides.tsx';
import { GroupView } from './group/group-view.tsx';
import { MuteWish } from './group/mute-wish.tsx';
import { nameOf, roleWord } from './group/names.ts';
import { PeoplePanel } from './group/people-panel.tsx';
import { asideTo, firstOf, isGroup } from './link-state.ts';
import { debugCounters, resetCounters } from './debug.ts';
import { ChatButton, MoreButton } from './panels/bar-extra.tsx';
import { OverPicture } from './panels/over-picture.tsx';
import { PanelSide } from './panels/panel-side.tsx';
import panelClasses from './panels/panels.module.css';
import { usePanels } from './panels/use-panels.ts';
import { useKeptFocus } from '../kit/use-kept-focus.ts';
import { stayAwake } from '../shell/desk.ts';
import { RemoteTile, SelfTile } from './call-tiles.tsx';
import { canPopOut, SmallCall, usePopOut } from './pop-out.tsx';
import { ScreenTile } from './screen-tile.tsx';
import { Spoken } from './spoken.tsx';
import { StageMessage } from './stage-message.tsx';

export interface CallStageProps {
  visitId: string;
  role: 'patient' | 'clinician' | 'guest';
  /** Where a ticket for the seat is had; of patient and clinician by default. */
  join?: string;
  /** The other person, as the reader knows her. */
  otherName: string;
  /** full: the page is the call. floating: a tile over other work. */
  variant: 'full' | 'floating';
  choices?: Partial<CallChoices>;
  /** When the visit was opened for both, ms; the time to the first picture is counted from here. */
  admittedAt?: number;
  /** Shown on the floating tile: grows to full and back. */
  onVariant?: (variant: 'full' | 'floating') => void;
  /** The call cannot go on: ended by either end, sent back, replaced, refused. */
  onOver: (reason: RevokeReason | 'refused' | 'left') => void;
  /** The red button: the patient leaves, the clinician ends. Defaults to leaving. */
  onEnd?: () => void;
}

export function CallStage(props: CallStageProps) {
  const { visitId, otherName, variant, onOver, onEnd } = props;
  const { t } = useTranslation(['call', 'group']);
  const [session] = useState(
    () =>
      new CallSession(visitId, { audioOnly: false, saver: false, ...props.choices }, props.join),
  );
  const state = useSyncExternalStore(session.subscribe, () => session.state);
  const [since] = useState(() => props.admittedAt ?? Date.now());

  useEffect(() => {
    resetCounters();
    session.start();
    return () => session.leave();
  }, [session]);
  // Whoever listens moves no hand.
  useEffect(() => stayAwake(), []);

  const { over, warning } = state.link;
  useEffect(() => {
    if (over && warning !== 'tampered') onOver(over);
  }, [over, warning, onOver]);

  const panels = usePanels(session, visitId, props.role);
  const board = useSyncExternalStore(panels.board.subscribe, () => panels.board.state);
  const narrow = useMediaQuery('(max-width: 40em)', false, { getInitialValueInEffect: false });
  // A small stage has room for what is used all the time; the rest is behind one button.
  const compact = narrow || variant === 'floating';
  const { people } = state.link;
  const called = useCallback(
    (peer: string): string => {
      const person = people.find((one) => one.peer === peer);
      if (!person) return otherName;
      return nameOf(person, { role: props.role, otherName }) ?? t(`group:role.${roleWord(person)}`);
    },
    [people, otherName, props.role, t],
  );
  const stage = useRef<HTMLElement>(null);
  // Over other work it takes no focus that is at work there.
  useKeptFocus(stage, variant === 'full');
  const popOut = usePopOut(stage, t('call:controls'));
  const end = onEnd ?? (() => session.leave());
  useShortcuts({
    KeyM: () => session.setMicrophone(!session.state.microphoneOn),
    KeyC: () => session.setCamera(!session.state.cameraOn),
  });

  const blank = warning !== undefined;
  const viewer = { role: props.role, otherName };
  const firstFrame = (): void => debugCounters({ firstFrameMs: Date.now() - since });
  const { link } = session;
  const asides = useAsides(link, state.link);
  // A small window has room for one: it says who that is.
  const own = state.link.own;
  const first =
    own &&
    firstOf(
      own,
      people.filter(({ seated }) => seated),
    );
  // Of more than two the grid shows it.
  const screen = isGroup(state.link) || blank ? undefined : state.link.remoteScreen;
  return (
    <div className={panelClasses.room} data-variant={variant} data-panel={panels.open}>
      <section
        className={classes.stage}
        data-variant={variant}
        ref={stage}
        tabIndex={-1}
        data-phase={state.link.phase}
        data-group={isGroup(state.link) || undefined}
        data-screen={screen !== undefined || undefined}
        data-board={board.open || undefined}
        data-testid="call-stage"
        aria-label={t('call:stage', { name: otherName })}
      >
        {isGroup(state.link) ? (
          <GroupView
            link={link}
            state={state.link}
            viewer={viewer}
            variant={variant}
            saver={state.saver}
            asides={asides}
            onFirstFrame={firstFrame}
          />
        ) : (
          <RemoteTile
            name={otherName}
            stream={state.link.remote}
            showVideo={(state.link.remoteMedia?.camera ?? true) && !blank}
            silent={blank}
            live={state.link.phase === 'live' || state.link.phase === 'mending'}
            muted={state.link.remoteMedia?.microphone === false}
            onFirstFrame={firstFrame}
          />
        )}
        {screen && <ScreenTile stream={screen} name={otherName} />}
        <AsideVoices {...asides} />
        {popOut.small && (
          <SmallCall
            small={popOut.small}
            session={session}
            state={state}
            name={first ? called(first.peer) : otherName}
          />
        )}
        {!isGroup(state.link) && <Spoken state={state} name={otherName} />}
        <StageMessage state={state} name={otherName} compact={variant === 'floating'} />
        <CallTop
          session={session}
          state={state}
          role={props.role}
          name={otherName}
          since={since}
          variant={variant}
        >
          <PeoplePanel visitId={visitId} link={link} state={state.link} viewer={viewer} />
        </CallTop>
        <MuteWish link={link} on={state.microphoneOn} onMute={() => session.setMicrophone(false)} />
        <SelfTile track={state.camera} on={state.cameraOn && !state.fellBack} />
        <OverPicture
          panels={panels}
          session={session}
          state={state}
          otherName={otherName}
          variant={variant}
          nameOf={called}
        />
        <CallBar
          session={session}
          state={state}
          name={otherName}
          variant={variant}
          role={props.role}
          {...(canPopOut() && !compact ? { popOut } : {})}
          compact={compact}
          aside={asideTo(state.link).map(({ peer }) => called(peer))}
          extra={
            <>
              <ChatButton panels={panels} />
              <MoreButton
                panels={panels}
                session={session}
                state={state}
                compact={compact}
                {...(props.onVariant ? { grow: () => props.onVariant?.('full') } : {})}
                {...(canPopOut() ? { popOut } : {})}
              />
            </>
          }
          onEnd={end}
          {...(props.onVariant ? { onVariant: props.onVariant } : {})}
        />
      </section>
      <PanelSide
        panels={panels}
        session={session}
        state={state}
        otherName={otherName}
        nameOf={called}
      />
    </div>
  );
}

/** Alt with a letter: works beside a text field, and does not type into it. */
function useShortcuts(keys: Record<string, () => void>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const act = keys[event.code];
      if (!event.altKey || event.ctrlKey || event.metaKey || !act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  });
}
