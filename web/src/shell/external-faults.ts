/** Why an answer from another place to sign in opened nothing. */
export const externalFaults = ['unknown', 'refused', 'no-account'] as const;
export type ExternalFault = (typeof externalFaults)[number];
