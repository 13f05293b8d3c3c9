/** Plays a stream by its element, though a browser may refuse until the page was touched. */
import { type RefObject, useEffect } from 'react';

/** Plays it now, or once the browser lets it. */
export function usePlayed(
  ref: RefObject<HTMLMediaElement | null>,
  stream: MediaStream | undefined,
): void {
  useEffect(() => {
    const element = ref.current!;
    if (element.srcObject !== (stream ?? null)) element.srcObject = stream ?? null;
    // Refused until the page was touched: the next touch, or the next track, plays it.
    const play = (): void => void element.play().catch(() => undefined);
    play();
    stream?.addEventListener('addtrack', play);
    addEventListener('pointerdown', play);
    addEventListener('keydown', play);
    return () => {
      stream?.removeEventListener('addtrack', play);
      removeEventListener('pointerdown', play);
      removeEventListener('keydown', play);
    };
  }, [ref, stream]);
}
