/** How large each tile stands on screen, and whether it can be seen at all. */
import { useCallback, useEffect, useRef, useState } from 'react';

/** Heights by tile, pixels of the device; 0 while a tile is scrolled out of sight. */
export function useSizes(): {
  sizes: ReadonlyMap<string, number>;
  watch: (id: string, element: HTMLElement | null) => void;
} {
  const [sizes, setSizes] = useState<ReadonlyMap<string, number>>(new Map());
  const elements = useRef(new Map<string, HTMLElement>());
  const observers = useRef<{ size: ResizeObserver; sight: IntersectionObserver }>(undefined);
  const hidden = useRef(new Set<Element>());

  const measure = useCallback(() => {
    const found = [...elements.current].map(([id, element]): [string, number] => [
      id,
      hidden.current.has(element)
        ? 0
        : Math.round(element.getBoundingClientRect().height * devicePixelRatio),
    ]);
    setSizes((before) =>
      before.size === found.length && found.every(([id, height]) => before.get(id) === height)
        ? before
        : new Map(found),
    );
  }, []);

  useEffect(() => {
    const size = new ResizeObserver(measure);
    const sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) hidden.current.delete(target);
        else hidden.current.add(target);
      measure();
    });
    observers.current = { size, sight };
    for (const element of elements.current.values()) {
      size.observe(element);
      sight.observe(element);
    }
    return () => {
      size.disconnect();
      sight.disconnect();
    };
  }, [measure]);

  const watch = useCallback(
    (id: string, element: HTMLElement | null) => {
      const before = elements.current.get(id);
      if (before === (element ?? undefined)) return;
      if (before) {
        observers.current?.size.unobserve(before);
        observers.current?.sight.unobserve(before);
        hidden.current.delete(before);
      }
      if (element) {
        elements.current.set(id, element);
        observers.current?.size.observe(element);
        observers.current?.sight.observe(element);
      } else {
        elements.current.delete(id);
        measure();
      }
    },
    [measure],
  );
  return { sizes, watch };
}
