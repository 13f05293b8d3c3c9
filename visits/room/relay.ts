/** Hands what one browser says to the others: unread, numbered, across processes (signalling.md R1, R2, N1 to N4). */
import { channels, type House } from '../house.ts';
import type { ClientMessage, SocketErrorCode } from '../messages.ts';
import { closing, type Connection, type Near } from './connection.ts';
import { leave, type Handed } from './inbox.ts';
import { drain } from './join.ts';

/** What names a peer, or everybody. */
export type ToPeer = Extract<ClientMessage, { to: string }>;

function faultOf(on: Connection, message: ToPeer): SocketErrorCode | undefined {
  const { held } = on;
  if (!held) return 'not-joined';
  const others = held.state.roster.filter((one) => one.peer !== held.peer);
  if (message.to !== 'all' && !others.some((one) => one.peer === message.to)) return 'no-such-peer';
  if (held.kind === 'observer' && message.type === 'sealed') return 'not-allowed';
  const offering = held.role === 'clinician';
  const forOther = offering ? ['answer', 'restart'] : ['offer'];
  return forOther.includes(message.type) ? 'wrong-role' : undefined;
}

/** Order from one sender to one receiver is that of the numbers, whichever way each message takes. */
export async function relay(
  house: House,
  on: Connection,
  message: ToPeer,
  near: Near,
): Promise<void> {
  const { held, tenant, visit } = on;
  const fault = faultOf(on, message);
  if (!held || fault === 'not-joined') return on.fail('not-joined', closing.notAllowed);
  if (fault) return on.send({ type: 'error', code: fault, fatal: false });
  const { to, seq, ...said } = message;
  const receivers =
    to === 'all'
      ? held.state.roster.filter((one) => one.peer !== held.peer).map((one) => one.peer)
      : [to];
  const handed = { from: held.peer, session: held.session, ...said } as Handed;
  const left = await leave(house, { tenant, visit }, handed, receivers, seq);
  for (const { receiver, session, n } of left) {
    const at = [...near(on)].find((one) => one.held?.peer === receiver && !one.closed);
    if (!at) {
      await house.events.publish(channels.stirred, { tenant, visit, receiver, n });
      continue;
    }
    // The receiver sits in this process: no detour. Not awaited: two browsers that speak at the same moment would each hold their
    // own queue and wait for the other's.
    void at.queue(async () => {
      const { held: hers } = at;
      if (!hers || hers.session !== session || hers.told >= n) return;
      if (hers.told + 1 < n) return drain(house, at);
      hers.told = n;
      at.send({ ...handed, n });
    });
  }
}
