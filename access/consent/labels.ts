/** Security labels a consent may name, and what each covers besides itself [HL7 v3 Confidentiality, v3 ActCode]. */

export interface Label {
  system: string;
  code: string;
}

export const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** From open to very restricted: who is denied one is denied those above it. */
const levels = ['U', 'L', 'M', 'N', 'R', 'V'];

/** Kinds of sensitive information that hold narrower ones. */
const wider: Record<string, string[]> = {
  SUD: ['ETHUD', 'OPIOIDUD'],
  BH: ['COGN', 'DVD', 'EMOTDIS', 'MH', 'PSY', 'PSYTHPN', 'SUD', 'ETHUD', 'OPIOIDUD'],
  MH: ['PSY', 'PSYTHPN'],
  ETH: ['SUD', 'ETHUD', 'OPIOIDUD'],
  SEX: ['SDV', 'MST'],
};

/** The label and all that it covers: a denial of `R` shuts `V` too, one of `MH` shuts `PSY`. */
export function covered({ system, code }: Label): Label[] {
  if (system === confidentiality && levels.includes(code))
    return levels.slice(levels.indexOf(code)).map((one) => ({ system, code: one }));
  if (system === actCode)
    return [code, ...(wider[code] ?? [])].map((one) => ({ system, code: one }));
  return [{ system, code }];
}

/** Very restricted: stays shut in an emergency. */
export const isFirm = ({ system, code }: Label): boolean =>
  system === confidentiality && code === 'V';
