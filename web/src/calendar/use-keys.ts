/** The calendar by keyboard: through the visits by arrows; M takes one, arrows carry it, Enter puts it down, Escape leaves it. */
import type { KeyboardEvent } from 'react';
import type { CalendarEntry } from '@afar/visits/contract';
import type { Step } from './places.ts';
import type { Move } from './use-move.ts';

interface Options {
  move: Move;
  entryOf: (id: string) => CalendarEntry | undefined;
  onMove: (entry: CalendarEntry) => void;
  onStep: (step: Step) => void;
  onConfirm: () => void;
  onCancel: () => void;
  onTurn: (by: 1 | -1) => void;
}

/** What an arrow means, as the reader's language runs. */
export function stepOf(key: string, rtl: boolean): Step | undefined {
  if (key === 'ArrowUp') return 'earlier';
  if (key === 'ArrowDown') return 'later';
  if (key === 'ArrowLeft') return rtl ? 'forth' : 'back';
  return key === 'ArrowRight' ? (rtl ? 'back' : 'forth') : undefined;
}

/** The visit beside, above or below one, as they stand on screen. */
function neighbour(from: HTMLElement, step: Step): HTMLElement | undefined {
  const all = [
    ...(from.closest('[data-calendar]')?.querySelectorAll<HTMLElement>('[data-entry]') ?? []),
  ];
  const column = from.dataset['column'];
  const mine = all.filter((one) => one.dataset['column'] === column);
  const top = (one: HTMLElement): number => one.getBoundingClientRect().top;
  const stacked = mine.toSorted((a, b) => top(a) - top(b));
  const index = stacked.indexOf(from);
  if (step === 'earlier') return stacked[index - 1];
  if (step === 'later') return stacked[index + 1];
  const columns = [...new Set(all.map((one) => one.dataset['column']))];
  const here = columns.indexOf(column);
  const beside = step === 'forth' ? columns[here + 1] : columns[here - 1];
  return all
    .filter((one) => beside !== undefined && one.dataset['column'] === beside)
    .toSorted((a, b) => Math.abs(top(a) - top(from)) - Math.abs(top(b) - top(from)))[0];
}

export function onCalendarKey(event: KeyboardEvent<HTMLElement>, options: Options): void {
  const { move, entryOf, onMove, onStep, onConfirm, onCancel, onTurn } = options;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  const step = stepOf(event.key, document.documentElement.dir === 'rtl');
  const entry = target.closest<HTMLElement>('[data-entry]');
  if (move.moving && !move.moving.dragged) {
    // In the bar below, Enter presses the button it stands on, and arrows choose what they choose.
    if (target.closest('[data-testid="move-bar"]') && event.key !== 'Escape') return;
    if (step) onStep(step);
    else if (event.key === 'Enter') onConfirm();
    else if (event.key === 'Escape') onCancel();
    else if (event.key === 'PageDown') onTurn(1);
    else if (event.key === 'PageUp') onTurn(-1);
    else return;
    event.preventDefault();
    return;
  }
  const found = entry?.dataset['entry'] && entryOf(entry.dataset['entry']);
  if (!entry || !found) return;
  if (event.key.toLowerCase() === 'm') onMove(found);
  else if (step) neighbour(entry, step)?.focus();
  else return;
  event.preventDefault();
}
