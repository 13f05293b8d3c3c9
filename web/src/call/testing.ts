/** Keys for tests of what is sealed with them. */
import { Agreement, type Member, type Outgoing } from './agreement.ts';
import type { EpochKeys } from './epoch-keys.ts';

/** The keys that each of these agrees on with the others. */
export async function keysOf(
  visit: string,
  epoch: number,
  peers: readonly string[],
): Promise<Map<string, EpochKeys>> {
  const members: Member[] = peers.map((peer) => ({ peer, session: 1, role: 'guest relative' }));
  const ends = new Map<string, Agreement>();
  for (const peer of peers) ends.set(peer, await Agreement.begin(visit, epoch, peer, members));
  const letters: { from: string; message: Outgoing }[] = [];
  for (const [from, end] of ends)
    for (const message of await end.commit()) letters.push({ from, message });
  for (let letter = letters.shift(); letter; letter = letters.shift()) {
    const { from, message } = letter;
    for (const more of await ends.get(message.to)!.receive(from, message))
      letters.push({ from: message.to, message: more });
  }
  return new Map([...ends].map(([peer, end]) => [peer, end.result!]));
}
