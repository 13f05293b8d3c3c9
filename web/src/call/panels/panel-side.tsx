/** The one panel that is open beside the call. */
import { useTranslation } from 'react-i18next';
import type { CallSession, CallState } from '../call-session.ts';
import { CaptionsPanel } from './captions/captions.tsx';
import { ChatPanel } from './chat/chat-panel.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { InvitePanel } from './people/people-panel.tsx';
import { PhonePanel } from './phone/phone-panel.tsx';
import { RecordingPanel } from './recording/recording-panel.tsx';
import { StillsPanel } from './stills/stills-panel.tsx';
import type { Panels } from './use-panels.ts';

interface Props {
  panels: Panels;
  session: CallSession;
  state: CallState;
  otherName: string;
  nameOf: (peer: string) => string;
}

export function PanelSide({ panels, session, state, otherName, nameOf }: Props) {
  const { t } = useTranslation('panels');
  const { open, visitId, role, hide } = panels;
  if (!open) return null;
  const titles = {
    chat: t('chat.title'),
    people: t(role === 'clinician' ? 'people.invite' : 'people.inviteRelative'),
    captions: t('captions.title'),
    stills: t('stills.title'),
    recording: t('recording.title'),
    phone: t('phone.title'),
  };
  return (
    <PanelFrame
      title={titles[open]}
      testid={`panel-${open}`}
      filled={open === 'chat'}
      onClose={hide}
    >
      {open === 'chat' && (
        <ChatPanel
          desk={panels.chat}
          base={panels.base}
          nameOf={nameOf}
          otherName={otherName}
          mayWrite={state.link.own?.hidden !== true}
        />
      )}
      {open === 'people' && role !== 'guest' && (
        <InvitePanel visitId={visitId} role={role} session={session} />
      )}
      {open === 'captions' && (
        <CaptionsPanel desk={panels.captions} nameOf={nameOf} link={state.link} />
      )}
      {open === 'stills' && <StillsPanel desk={panels.stills} name={otherName} />}
      {open === 'recording' && <RecordingPanel desk={panels.recording} />}
      {open === 'phone' && <PhonePanel visitId={visitId} name={otherName} />}
    </PanelFrame>
  );
}
