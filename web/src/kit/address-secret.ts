/** A secret in the fragment of an address: read once, then out of the address, so that nobody who looks at it or at the history finds it. */
import { useEffect, useState } from 'react';

/**
 * What stood behind `#` when the page was opened; empty once it was read again. The router is not told: it would take the shorter
 * address for another page and draw this one anew, and what was pressed meanwhile would be forgotten.
 */
export function useAddressSecret(): string {
  const [secret] = useState(() => location.hash.slice(1));
  useEffect(() => {
    if (location.hash)
      History.prototype.replaceState.call(history, history.state, '', location.pathname);
  }, []);
  return secret;
}
