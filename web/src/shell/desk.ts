/** Whether somebody sits at the desk: keys, pointer, other tabs of this browser, and what keeps a page awake by itself (a call). */

export type DeskState =
  | { at: 'busy' }
  | { at: 'idle'; seconds: number; stay: () => void }
  /** The session's last minute, whatever she does. */
  | { at: 'ending'; seconds: number }
  | { at: 'over' };

interface Options {
  idleMs: number;
  /** ms since epoch. */
  expiresAt: number;
  /** Says to the server that somebody is there. */
  ping: () => void;
  changed: (state: DeskState) => void;
}

/** How long before the end it is said. */
export const warnMs = 60_000;
/** The server hears at least this often of somebody who only reads and types. */
const pingMs = 4 * 60_000;
const storageKey = 'afar.active';
const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

let awake = 0;

/** While it is held somebody is there, whatever the hands do: a call. @returns the way to let go */
export function stayAwake(): () => void {
  awake++;
  let held = true;
  return () => {
    if (held) awake--;
    held = false;
  };
}

/** @param now ms since epoch */
export function deskState(
  now: number,
  { active, idleMs, expiresAt }: { active: number; idleMs: number; expiresAt: number },
  stay: () => void,
): DeskState {
  const idleLeft = active + idleMs - now;
  if (idleLeft <= 0) return { at: 'over' };
  if (idleLeft <= warnMs) return { at: 'idle', seconds: Math.ceil(idleLeft / 1000), stay };
  const left = expiresAt - now;
  // A clock that is wrong by hours must not end anything: only the very last minute is told.
  if (left > 0 && left <= warnMs) return { at: 'ending', seconds: Math.ceil(left / 1000) };
  return { at: 'busy' };
}

function others(): number {
  try {
    return Number(localStorage.getItem(storageKey) ?? 0);
  } catch {
    return 0; // without storage each tab stands for itself
  }
}

function tell(at: number): void {
  try {
    localStorage.setItem(storageKey, String(at));
  } catch {
    // As above.
  }
}

export function desk({ idleMs, expiresAt, ping, changed }: Options) {
  let active = Date.now();
  let contact = Date.now();
  let told = 0;
  let state: DeskState = { at: 'busy' };

  const touch = (now: number): void => {
    active = now;
    // Other tabs hear of it now and then, not at every move of the hand.
    if (now - told > 5_000) tell((told = now));
    if (now - contact > pingMs) {
      contact = now;
      ping();
    }
  };
  const stay = (): void => {
    contact = 0;
    touch(Date.now());
    look();
  };
  function look(): void {
    const now = Date.now();
    if (awake > 0) touch(now);
    active = Math.max(active, Math.min(others(), now));
    const next = deskState(now, { active, idleMs, expiresAt }, stay);
    if (next.at === 'busy' && state.at === 'busy') return;
    state = next;
    changed(next);
  }
  // Once it asks, it wants an answer: a sleeve over the mouse is none.
  const sign = (): void => {
    if (state.at !== 'idle' && state.at !== 'over') touch(Date.now());
  };
  for (const name of signs) addEventListener(name, sign, { passive: true, capture: true });
  const timer = setInterval(look, 1000);
  return {
    /** The server has answered: it has just heard of her. */
    answered: (): void => void (contact = Date.now()),
    stop(): void {
      clearInterval(timer);
      for (const name of signs) removeEventListener(name, sign, { capture: true });
    },
  };
}
