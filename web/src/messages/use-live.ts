/** How often an open thread asks for news: while she is there and does something; a screen left alone asks nothing, so that its session ends. */
import { useEffect, useRef } from 'react';

/** Feels live, and is one small request. */
const everyMs = 8_000;
const awayMs = 120_000;

export function useLive(): () => number | false {
  const last = useRef(0);
  useEffect(() => {
    const here = (): void => {
      last.current = Date.now();
    };
    // Whoever opens it is there.
    here();
    const signs = ['pointerdown', 'keydown', 'scroll', 'focus'] as const;
    for (const sign of signs) window.addEventListener(sign, here, { passive: true });
    return () => {
      for (const sign of signs) window.removeEventListener(sign, here);
    };
  }, []);
  return () => (Date.now() - last.current < awayMs ? everyMs : false);
}
