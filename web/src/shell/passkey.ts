/** Passkeys in the browser: asked for, made, and offered beside the name field where the browser can. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/browser';
import type { PasskeyCreation, PasskeyOptions, PasskeyOptionsRequest } from '@afar/access/contract';
import { api } from '../kit/api.ts';

const library = () => import('@simplewebauthn/browser');

/** Whether this browser has passkeys at all. */
export const hasPasskeys = (): boolean => typeof PublicKeyCredential === 'function';

const optionsFor = (purpose: PasskeyOptionsRequest['purpose']): Promise<PasskeyOptions> =>
  api.post<PasskeyOptions>('/auth/passkey/options', { purpose });

/** Asks for a passkey; throws when the person closes the browser's dialog. */
export async function showPasskey(
  purpose: PasskeyOptionsRequest['purpose'],
): Promise<AuthenticationResponseJSON> {
  const { startAuthentication } = await library();
  return startAuthentication({ optionsJSON: await optionsFor(purpose) });
}

/** Makes one on this device; throws when the person closes the browser's dialog. */
export async function makePasskey(): Promise<RegistrationResponseJSON> {
  const { startRegistration } = await library();
  const optionsJSON = await api.post<PasskeyCreation>('/auth/passkeys/options');
  return startRegistration({ optionsJSON });
}

/** True for "this device has one already". */
export const isThere = (error: unknown): boolean =>
  error instanceof Error && error.name === 'InvalidStateError';

/** A little less than a challenge is good for, ms. */
const renewMs = 8 * 60_000;

/**
 * Offers passkeys in the browser's own list under the name field, for as long as the page stands there.
 * @returns the way to stop
 */
export function offerPasskeys(chosen: (passkey: AuthenticationResponseJSON) => void): () => void {
  let over = false;
  let cancel = (): void => undefined;
  const offer = async (): Promise<void> => {
    const { browserSupportsWebAuthnAutofill, startAuthentication, WebAuthnAbortService } =
      await library();
    if (over || !(await browserSupportsWebAuthnAutofill())) return;
    cancel = () => WebAuthnAbortService.cancelCeremony();
    const optionsJSON = await optionsFor('sign-in');
    if (over) return;
    const passkey = await startAuthentication({ optionsJSON, useBrowserAutofill: true });
    if (!over) chosen(passkey);
  };
  // Nobody asked for it: where it fails, the form beside it stands.
  const begin = (): void => void offer().catch(() => undefined);
  begin();
  const again = setInterval(begin, renewMs);
  return () => {
    over = true;
    clearInterval(again);
    cancel();
  };
}
