/** One room of Janus as this process knows it: a session there, and who publishes what. */
import type { JanusConnection, JanusMessage, Jsep, RoomData } from './connection.ts';
import type { RoomNames } from './room-names.ts';

/** A handle on the room: one connection of one browser. */
export interface Handle {
  readonly id: number;
  say(body: Record<string, unknown>, jsep?: Jsep): Promise<{ data: RoomData; jsep?: Jsep }>;
  trickle(candidate: object): Promise<void>;
  detach(): Promise<void>;
}

export interface Stage {
  names: RoomNames;
  attach(listener: (message: JanusMessage) => void): Promise<Handle>;
}

export function stageOn(connection: JanusConnection, session: number, names: RoomNames): Stage {
  return {
    names,
    async attach(listener) {
      const id = await connection.attach(session, listener);
      return {
        id,
        say: (body, jsep) => connection.say(session, id, body, jsep),
        async trickle(candidate) {
          await connection.request({
            janus: 'trickle',
            session_id: session,
            handle_id: id,
            candidate,
          });
        },
        detach: () => connection.detach(session, id),
      };
    },
  };
}
