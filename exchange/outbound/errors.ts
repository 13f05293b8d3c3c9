/** Why a request to a foreign server was not made, or brought nothing. Holds no address, no header and no answer: it may be logged. */

export type OutboundReason =
  /** The address is no https URL of a kind we call. */
  | 'url'
  /** Its host is, or resolves to, an address that is not on the public network. */
  | 'address'
  /** A header that a subscriber may not set. */
  | 'header'
  /** The name does not resolve. */
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  /** The answer is longer than was allowed. */
  | 'too-large'
  | 'aborted';

const texts: Record<OutboundReason, string> = {
  url: 'the address is not one that this server calls',
  address: 'the address is not on the public network',
  header: 'a header is not one that may be set',
  dns: 'the name of the server was not found',
  connect: 'the server could not be reached, or broke off',
  tls: 'the server has no certificate that is trusted',
  timeout: 'the server did not answer in time',
  'too-large': 'the answer is too long',
  aborted: 'the request was given up',
};

/** A request that was refused here, or failed on its way. */
export class OutboundError extends Error {
  readonly reason: OutboundReason;
  constructor(reason: OutboundReason) {
    super(texts[reason]);
    this.name = 'OutboundError';
    this.reason = reason;
  }
  /** Trying again brings the same until somebody changes something. */
  get lasting(): boolean {
    return this.reason === 'url' || this.reason === 'address' || this.reason === 'header';
  }
}
