/** The exchange of keys among two to eight, honest and with a server that swaps, drops, delays and replays. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Agreement,
  AgreementBroken,
  commitmentOf,
  type Member,
  type Outgoing,
} from './agreement.ts';
import { toBase64url } from './bytes.ts';
import { codeFromBits } from './epoch-keys.ts';

const visit = '5a0e6c0e-8a4b-4a57-9d38-6a4e7c1f0b11';
const membersOf = (count: number): Member[] =>
  Array.from({ length: count }, (_, index) => ({
    peer: `peer-${index}`,
    session: 1,
    role: index === 0 ? 'clinician' : index === 1 ? 'patient' : 'guest relative',
  }));

interface Letter {
  from: string;
  message: Outgoing;
}

/** What a server makes of one letter: nothing, the letter, or others in its place. */
type Server = (letter: Letter) => Letter[];
const honest: Server = (letter) => [letter];

/** A room whose server delivers in any order that keeps each pair's, `pick` choosing the next pair. */
class Room {
  readonly ends = new Map<string, Agreement>();
  readonly broken = new Set<string>();
  readonly #queues = new Map<string, Letter[]>();
  readonly #server: Server;

  constructor(server: Server = honest) {
    this.#server = server;
  }

  async begin(members: readonly Member[], epoch = 2, room = visit): Promise<this> {
    for (const { peer } of members)
      this.ends.set(peer, await Agreement.begin(room, epoch, peer, members));
    for (const [from, end] of this.ends) this.#post(from, await end.commit());
    return this;
  }

  #post(from: string, messages: Outgoing[]): void {
    for (const message of messages)
      for (const letter of this.#server({ from, message })) {
        const pair = `${letter.from} ${letter.message.to}`;
        this.#queues.set(pair, [...(this.#queues.get(pair) ?? []), letter]);
      }
  }

  async run(pick: (count: number) => number = () => 0): Promise<this> {
    for (;;) {
      const full = [...this.#queues.values()].filter((queue) => queue.length > 0);
      if (full.length === 0) return this;
      const { from, message } = full[pick(full.length)]!.shift()!;
      const end = this.ends.get(message.to);
      if (!end || this.broken.has(message.to)) continue;
      try {
        this.#post(message.to, await end.receive(from, message));
      } catch (error) {
        if (!(error instanceof AgreementBroken)) throw error;
        this.broken.add(message.to);
      }
    }
  }

  get codes(): (string | undefined)[] {
    return [...this.ends.values()].map((end) => end.code);
  }
}

const iv = new Uint8Array(12);
const seal = (key: CryptoKey) => crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, iv);
const opens = (key: CryptoKey, sealed: ArrayBuffer) =>
  crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed).then(
    () => true,
    () => false,
  );

describe('an honest exchange', () => {
  it.each([2, 3, 5, 8])(
    'gives %i members one code, and each the others keys [K2-K9]',
    async (n) => {
      const order = fc.sample(fc.nat(), { numRuns: 400, seed: n });
      const room = await (
        await new Room().begin(membersOf(n))
      ).run((count) => order.pop()! % count);
      expect(new Set(room.codes).size).toBe(1);
      expect(room.codes[0]).toMatch(/^\d{10}$/);
      for (const [peer, end] of room.ends) {
        const sealed = await seal(end.result!.own.media);
        for (const [other, theirs] of room.ends) {
          if (other === peer) continue;
          expect(await opens(theirs.result!.peers.get(peer)!.media, sealed)).toBe(true);
          // Keys are the sender's own: nobody's frames open as another's.
          const others = [...theirs.result!.peers].filter(([third]) => third !== peer);
          for (const [, keys] of others) expect(await opens(keys.media, sealed)).toBe(false);
        }
      }
    },
  );

  it('gives each pair keys that no third member has [K7]', async () => {
    const room = await (await new Room().begin(membersOf(3))).run();
    const [one, two, three] = [...room.ends.values()].map((end) => end.result!);
    const sealed = await seal(one!.peers.get('peer-1')!.pair.sendData);
    expect(await opens(two!.peers.get('peer-0')!.pair.receiveData, sealed)).toBe(true);
    for (const { pair } of three!.peers.values())
      expect(await opens(pair.receiveData, sealed)).toBe(false);
  });

  it('has another code in another epoch, visit, and with other sessions or roles', async () => {
    const codes = await Promise.all([
      new Room().begin(membersOf(2), 2),
      new Room().begin(membersOf(2), 3),
      new Room().begin(membersOf(2), 2, 'another-visit'),
    ]).then((rooms) => Promise.all(rooms.map(async (room) => (await room.run()).codes[0])));
    expect(new Set(codes).size).toBe(3);
  });

  it('gives whoever comes later nothing that opens the former epoch [K9]', async () => {
    const before = await (await new Room().begin(membersOf(2), 2)).run();
    const after = await (await new Room().begin(membersOf(3), 3)).run();
    const sealed = await seal(before.ends.get('peer-0')!.result!.own.media);
    const late = after.ends.get('peer-2')!.result!;
    for (const { media, data } of [late.own, ...late.peers.values()])
      expect([await opens(media, sealed), await opens(data, sealed)]).toEqual([false, false]);
  });
});

/** A server in the middle of the victim's line to the others: it plays them to her with keys of its own, as well as can be. */
async function swapped(count: number, victim: string): Promise<Room> {
  const members = membersOf(count);
  const played = new Map<string, Agreement>(); // each other member, as shown to the victim
  for (const { peer } of members)
    if (peer !== victim) played.set(peer, await Agreement.begin(visit, 2, peer, members));
  // And the victim as shown to them.
  const puppet = await Agreement.begin(visit, 2, victim, members);
  const room = await new Room(({ from, message }) =>
    from === victim || message.to === victim ? [] : [{ from, message }],
  ).begin(members);
  const inner = new Map([...played, [victim, room.ends.get(victim)!]]);
  const outer = new Map(
    [...room.ends].map(([peer, end]) => [peer, peer === victim ? puppet : end]),
  );
  for (const ends of [inner, outer]) {
    const letters: Letter[] = [];
    for (const [from, end] of ends)
      letters.push(...(await end.commit()).map((message) => ({ from, message })));
    for (let letter = letters.shift(); letter; letter = letters.shift()) {
      const { from, message } = letter;
      const more = await ends.get(message.to)!.receive(from, message);
      letters.push(...more.map((one) => ({ from: message.to, message: one })));
    }
  }
  return room;
}

describe('a dishonest server', () => {
  it.each([2, 3, 5])('that swaps keys among %i is seen: her code is another', async (n) => {
    for (const victim of ['peer-0', `peer-${n - 1}`]) {
      const room = await swapped(n, victim);
      const own = room.ends.get(victim)!.code;
      expect(own).toMatch(/^\d{10}$/);
      expect(room.codes.filter((code) => code === own)).toHaveLength(1);
    }
  });

  /** Whatever it does, two who end with keys of each other have the same code, and what it touched gives none. */
  it('that drops, delays, repeats and forges gives keys to nobody whose code differs', async () => {
    const deed = fc.constantFrom(
      'carry',
      'carry',
      'carry',
      'carry',
      'drop',
      'twice',
      'forge',
      'cross',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(2, 3, 5, 8),
        fc.array(deed, { minLength: 60, maxLength: 60 }),
        fc.array(fc.nat(), { minLength: 50, maxLength: 50 }),
        async (n, deeds, order) => {
          let at = 0;
          const room = new Room((letter) => {
            const what = deeds[at++ % deeds.length]!;
            if (what === 'drop') return [];
            if (what === 'twice') return [letter, letter];
            if (what === 'forge') return [forged(letter)];
            if (what === 'cross') return [{ ...letter, from: letter.message.to }, letter];
            return [letter];
          });
          let turn = 0;
          await (
            await room.begin(membersOf(n))
          ).run((count) => order[turn++ % order.length]! % count);
          const done = [...room.ends.values()].filter((end) => end.result);
          expect(new Set(done.map((end) => end.result!.code)).size).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('that plays an earlier exchange again changes nothing', async () => {
    const old: Letter[] = [];
    await (
      await new Room((letter) => {
        old.push(letter);
        return [letter];
      }).begin(membersOf(3), 2)
    ).run();
    const room = await new Room((letter) => [
      ...old.filter(
        ({ from, message }) => from === letter.from && message.to === letter.message.to,
      ),
      letter,
    ]).begin(membersOf(3), 3);
    await room.run();
    expect(room.broken.size).toBe(0);
    expect(new Set(room.codes).size).toBe(1);
  });

  it('that tells two rosters is seen', async () => {
    const two = await (await new Room().begin(membersOf(2))).run();
    const three = await (await new Room().begin(membersOf(3))).run();
    expect(two.codes[0]).not.toBe(three.codes[0]);
    const renamed = membersOf(2).map((member) => ({ ...member, role: 'guest observer' }));
    expect((await (await new Room().begin(renamed)).run()).codes[0]).not.toBe(two.codes[0]);
  });
});

function forged({ from, message }: Letter): Letter {
  const flip = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  if (message.type === 'commit')
    return { from, message: { ...message, commitment: flip(message.commitment) } };
  if (message.type === 'reveal')
    return { from, message: { ...message, nonce: flip(message.nonce) } };
  return { from, message: { ...message, wrapped: flip(message.wrapped) } };
}

describe('one end by itself', () => {
  const [doctor, patient, guest] = membersOf(3) as [Member, Member, Member];
  const begin = (own: Member, members: Member[], epoch = 2) =>
    Agreement.begin(visit, epoch, own.peer, members);
  const one = async (end: Agreement, from: Member, letters: Promise<Outgoing[]>) =>
    end.receive(
      from.peer,
      (await letters).find((letter) => letter.to === doctor.peer)!,
    );

  it('shows its key only after the last commitment [K3]', async () => {
    const all = [doctor, patient, guest];
    const end = await begin(doctor, all);
    expect(await one(end, patient, (await begin(patient, all)).commit())).toEqual([]);
    expect(end.revealedOwn).toBe(false);
    const shown = await one(end, guest, (await begin(guest, all)).commit());
    expect(shown.map(({ type, to }) => `${type} ${to}`)).toEqual([
      'reveal peer-1',
      'reveal peer-2',
    ]);
    // A second commitment is ignored.
    expect(await one(end, guest, (await begin(guest, all)).commit())).toEqual([]);
  });

  it('refuses a key chosen after seeing ours, and one that comes unasked [K4]', async () => {
    const two = [doctor, patient];
    const end = await begin(doctor, two);
    const first = await begin(patient, two);
    const second = await begin(patient, two);
    const commits = await end.commit();
    await second.receive(doctor.peer, commits[0]!);
    await one(end, patient, first.commit());
    const late = await second.receive(doctor.peer, commits[0]!).then(async () => {
      const fresh = await begin(patient, two);
      return fresh.receive(doctor.peer, commits[0]!);
    });
    await expect(end.receive(patient.peer, late[0]!)).rejects.toThrow(AgreementBroken);
    const bare = await begin(doctor, two);
    await expect(bare.receive(patient.peer, late[0]!)).rejects.toThrow(AgreementBroken);
  });

  it('refuses a commitment of another peer or epoch', async () => {
    const two = [doctor, patient];
    const end = await begin(doctor, two, 3);
    const other = await begin(patient, two, 2);
    const [commit] = await other.commit();
    const [reveal] = await other.receive(
      doctor.peer,
      (await (await begin(doctor, two, 2)).commit())[0]!,
    );
    expect(await end.receive(patient.peer, commit!)).toEqual([]); // of epoch 2: not for this one
    await end.receive(patient.peer, { ...commit!, epoch: 3 });
    await expect(end.receive(patient.peer, { ...reveal!, epoch: 3 })).rejects.toThrow(
      AgreementBroken,
    );
  });

  it('refuses a point that is not on the curve', async () => {
    const two = [doctor, patient];
    const end = await begin(doctor, two);
    const point = new Uint8Array(65).fill(4);
    const nonce = new Uint8Array(32);
    const commitment = toBase64url(await commitmentOf(visit, 2, patient.peer, point, nonce));
    await end.receive(patient.peer, { type: 'commit', epoch: 2, commitment });
    const reveal = { publicKey: toBase64url(point), nonce: toBase64url(nonce) };
    await expect(
      end.receive(patient.peer, { type: 'reveal', epoch: 2, ...reveal }),
    ).rejects.toThrow(AgreementBroken);
  });

  it('writes 40 bits as ten digits', () => {
    expect(codeFromBits(new Uint8Array([0, 0, 0, 0, 7]))).toBe('0000000007');
    expect(codeFromBits(new Uint8Array([255, 255, 255, 255, 255]))).toBe('9511627775');
  });
});
