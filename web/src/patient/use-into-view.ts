/** On a small screen what was picked is confirmed further down: brought into view once something is picked. */
import { type RefObject, useEffect, useRef } from 'react';

/** @param key what was picked, undefined while nothing is */
export function useIntoView<E extends HTMLElement>(key: string | undefined): RefObject<E | null> {
  const panel = useRef<E>(null);
  useEffect(() => {
    const box = key ? panel.current?.getBoundingClientRect() : undefined;
    if (box && box.top > innerHeight * 0.7) panel.current!.scrollIntoView({ block: 'start' });
  }, [key]);
  return panel;
}
