/** What bounds subscriptions: numbers and times, each with its reason. */
export interface Limits {
  /** Subscriptions of one account or client: a panel of screens, not a copy of the feed for each patient. */
  perCaller: number;
  /** Of one clinic: each is a look at every change of its type. */
  perTenant: number;
  /** Events that wait for one endpoint. More: it does not keep up, and the subscription ends in `error`. */
  backlog: number;
  /** Events in one notification at most. */
  perNotification: number;
  /** Bytes of one notification's body; what does not fit is told by reference. */
  notificationBytes: number;
  /** ms between two notifications of one subscription: 20 a second bound a hook that writes back. */
  paceMs: number;
  /** ms an endpoint may take, from the look-up of its name to the end of its answer. */
  timeoutMs: number;
  /** ms before the second try; doubled for each further one. */
  backoffMs: number;
  /** Longest wait between two tries. */
  longestBackoffMs: number;
  /** Tries of one notification before the subscription ends in `error`: about two hours. */
  tries: number;
  /** ms an event is kept, delivered or not. */
  keepMs: number;
  /** ms a binding token lives: from the answer to the first message of the socket. */
  tokenMs: number;
  /** ms a killed process keeps the others from the feed. Two at once would only do the work twice: the place decides. */
  turnMs: number;
  /** ms a killed process keeps its subscriptions waiting: several times what one notification may take. */
  deliveryMs: number;
  /** Sockets of one account or client in one process. */
  socketsPerCaller: number;
}

export const defaultLimits: Limits = {
  perCaller: 50,
  perTenant: 1_000,
  backlog: 10_000,
  perNotification: 100,
  notificationBytes: 2 * 1024 * 1024,
  paceMs: 50,
  timeoutMs: 10_000,
  backoffMs: 1_000,
  longestBackoffMs: 10 * 60_000,
  tries: 20,
  keepMs: 7 * 24 * 3_600_000,
  tokenMs: 60_000,
  turnMs: 5_000,
  deliveryMs: 30_000,
  socketsPerCaller: 20,
};

/** Seconds between heartbeats: fewer would be a load, and tell nothing that the connection does not. */
export const leastHeartbeat = 10;
