/** Days and hours of the account, as the reader says them. */
import { relative } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';

export function useDay(): (at: number) => string {
  const { locale } = useReader();
  return (at) => relative(at, Date.now(), locale);
}
