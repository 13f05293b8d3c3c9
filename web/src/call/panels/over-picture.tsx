/** What the panels put over the picture: the board, captions, the sign of a recording, questions to whoever sits here. */
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallSession, CallState } from '../call-session.ts';
import { isWithout } from '../link-state.ts';
import { Board } from './board/board.tsx';
import { CaptionLines, CaptionSign } from './captions/captions.tsx';
import classes from './panels.module.css';
import { GuestQuestion } from './people/guest-question.tsx';
import { CallAgain } from './phone/call-again.tsx';
import { PhoneTold } from './phone/phone-told.tsx';
import { RecordingSigns } from './recording/recording-signs.tsx';
import { StillQuestion } from './stills/still-question.tsx';
import type { Panels } from './use-panels.ts';

interface Props {
  panels: Panels;
  session: CallSession;
  state: CallState;
  otherName: string;
  variant: 'full' | 'floating';
  nameOf: (peer: string) => string;
}

export function OverPicture({ panels, session, state, otherName, variant, nameOf }: Props) {
  const { t } = useTranslation('group');
  const { role, visitId } = panels;
  const board = useSyncExternalStore(panels.board.subscribe, () => panels.board.state);
  const { link } = session;
  const own = t('you');
  useEffect(() => panels.recording.called(nameOf, own), [panels.recording, nameOf, own]);
  const gone =
    state.link.phase !== 'joining' && (!state.link.remotePresent || isWithout(state.link));
  return (
    <>
      {board.open && (
        <Board desk={panels.board} state={state} role={role} variant={variant} nameOf={nameOf} />
      )}
      <div className={classes.over} data-variant={variant}>
        <RecordingSigns
          desk={panels.recording}
          role={role}
          own={state.link.own?.peer}
          clinician={otherName}
          nameOf={nameOf}
        />
        <CaptionSign desk={panels.captions} nameOf={nameOf} />
        {role === 'patient' && (
          <>
            <GuestQuestion visitId={visitId} link={link} />
            <StillQuestion desk={panels.stills} session={session} name={otherName} />
            <PhoneTold visitId={visitId} link={link} name={otherName} />
          </>
        )}
        {role === 'clinician' && gone && <CallAgain visitId={visitId} name={otherName} />}
        <CaptionLines desk={panels.captions} nameOf={nameOf} />
      </div>
    </>
  );
}
