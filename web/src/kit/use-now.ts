/** The present instant, moving on by itself. */
import { useEffect, useState } from 'react';

/** Milliseconds since the epoch, renewed every `every` ms. */
export function useNow(every = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
