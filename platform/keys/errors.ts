/** What can go wrong with a key: it was destroyed on purpose, or it cannot be had just now. */

/** The key was destroyed on purpose (a patient erased): what it sealed is gone for good. */
export class KeyErased extends Error {
  readonly code = 'gone';
  readonly status = 410;
  readonly kid: string;
  constructor(kid: string) {
    super(`key ${kid} was erased`);
    this.name = 'KeyErased';
    this.kid = kid;
  }
}

/** The key cannot be had just now (provider down, keystore missing or from another day): answer 503. */
export class KeyUnavailable extends Error {
  readonly code = 'unavailable';
  readonly status = 503;
  /** The provider is asked again every few seconds. */
  readonly headers = { 'retry-after': '5' };
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyUnavailable';
  }
}
