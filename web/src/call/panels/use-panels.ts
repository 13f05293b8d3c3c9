/** What stands beside the call: which panel is open, and the desks that go on working while theirs is closed. */
import { useEffect, useState } from 'react';
import type { CallSession } from '../call-session.ts';
import { BoardDesk } from './board/board-desk.ts';
import { CaptionDesk } from './captions/caption-desk.ts';
import { ChatDesk } from './chat/chat-desk.ts';
import { baseOf, type SeatKind } from './desk.ts';
import { RecordingDesk } from './recording/recording-desk.ts';
import { StillDesk } from './stills/still-desk.ts';

export type PanelName = 'chat' | 'people' | 'captions' | 'stills' | 'recording' | 'phone';

export interface Panels {
  visitId: string;
  role: SeatKind;
  base: string;
  open: PanelName | undefined;
  show: (panel: PanelName) => void;
  hide: () => void;
  chat: ChatDesk;
  board: BoardDesk;
  captions: CaptionDesk;
  recording: RecordingDesk;
  stills: StillDesk;
}

/** A panel that is closed gives the focus back to the button that opened it. */
export function focusButton(panel: PanelName): void {
  const own = document.querySelector<HTMLElement>(`[data-opens="${panel}"]`);
  const more = document.querySelector<HTMLElement>('[data-opens="more"]');
  (own ?? more)?.focus();
}

export function usePanels(session: CallSession, visitId: string, role: SeatKind): Panels {
  const [open, setOpen] = useState<PanelName>();
  const [desks] = useState(() => {
    const { link } = session;
    const base = baseOf(role, visitId);
    return {
      base,
      chat: new ChatDesk(base, link),
      board: new BoardDesk(link),
      captions: new CaptionDesk(session),
      recording: new RecordingDesk(session, { visitId, role, base }),
      stills: new StillDesk(visitId, role, link),
    };
  });
  useEffect(() => {
    const { chat, board, captions, recording, stills } = desks;
    const ends = [chat, board, captions, recording, stills].map((desk) => desk.start());
    return () => {
      for (const end of ends) end();
    };
  }, [desks]);
  return {
    visitId,
    role,
    open,
    show: setOpen,
    hide: () => {
      setOpen(undefined);
      if (open) focusButton(open);
    },
    ...desks,
  };
}
