/** Where one view takes the place of another on the same page: the focus that went with the old one comes to the new [WCAG 2.4.3]. */
import { type RefObject, useEffect, useEffectEvent } from 'react';

/**
 * @param place what takes the focus, the page itself by default
 * @param always also when the focus was not lost: the view is what she waited for
 */
export function useKeptFocus(place?: RefObject<HTMLElement | null>, always = false): void {
  const take = useEffectEvent(() => {
    if (always || document.activeElement === document.body)
      (place?.current ?? document.querySelector('main'))?.focus({ preventScroll: true });
  });
  // Once, when it appears.
  useEffect(() => take(), []);
}

// What replaces a view is there within a frame or two; a busy machine needs more.
const patience = 3_000;

/** Gives the focus to what is about to appear, once it is there and takes it. */
export function focusSoon(id: string, until = performance.now() + patience): void {
  requestAnimationFrame(() => {
    const place = document.getElementById(id);
    place?.focus();
    if (document.activeElement !== place && performance.now() < until) focusSoon(id, until);
  });
}
