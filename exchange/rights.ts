/** Whether a token may have what was asked for with another one of the same account or client. */
import { grantScopes, parseScopes, scopesFor } from '@afar/access';
import type { Caller, StoodFor } from '@afar/access';

/** True when the caller's scopes hold all that the type was read and searched with. */
export function coversScopes({ scopes, only }: Caller, who: StoodFor, type: string): boolean {
  // A token for one record does not open what was made with the reach of more.
  if (only !== undefined && only !== who.only) return false;
  if (scopes === undefined) return true;
  if (who.scopes === undefined) return false;
  const made = parseScopes(who.scopes);
  const used = [...new Set([...scopesFor(made, 'read', type), ...scopesFor(made, 'search', type)])];
  return used.every((one) => {
    const letters = Array.from(one.verbs)
      .filter((letter) => 'rs'.includes(letter))
      .join('');
    const [held] = grantScopes([{ ...one, type, verbs: letters }], scopes);
    return held?.verbs === letters;
  });
}
