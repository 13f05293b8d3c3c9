/**
 * A server that answers rooms' requests (Twirp over JSON) as LiveKit's API describes them, checks tokens as it does, and remembers: no
 * LiveKit can be installed where the tests run. What it cannot show is media.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TokenVerifier } from 'livekit-server-sdk';

interface Room {
  name: string;
  maxParticipants: number;
  permissions: Map<string, Record<string, unknown>>;
}

export interface FakeLiveKit {
  url: string;
  rooms: Map<string, Room>;
  /** `Method room identity`, in order. */
  asked: string[];
  /** What it answers every request with, in place of its own answer. */
  failing: { status: number } | undefined;
  close(): Promise<void>;
}

interface Body {
  name?: string;
  room?: string;
  identity?: string;
  names?: string[];
  maxParticipants?: number;
  permission?: Record<string, unknown>;
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Body;
}

export async function fakeLiveKit(apiKey: string, apiSecret: string): Promise<FakeLiveKit> {
  const rooms = new Map<string, Room>();
  const verifier = new TokenVerifier(apiKey, apiSecret);
  const fake: Omit<FakeLiveKit, 'url' | 'close'> = { rooms, asked: [], failing: undefined };

  /** [LiveKit server API: RoomService] */
  async function answer(request: IncomingMessage): Promise<[number, object]> {
    if (fake.failing) return [fake.failing.status, { code: 'unavailable', msg: 'not now' }];
    const method = request.url!.replace('/twirp/livekit.RoomService/', '');
    const body = await bodyOf(request);
    const name = body.name ?? body.room ?? '';
    const { video } = await verifier.verify(request.headers.authorization!.replace('Bearer ', ''));
    const needs = {
      CreateRoom: video?.roomCreate,
      DeleteRoom: video?.roomCreate,
      ListRooms: video?.roomList,
    };
    const may =
      method in needs
        ? needs[method as keyof typeof needs]
        : video?.roomAdmin && video.room === name;
    if (!may) return [403, { code: 'permission_denied', msg: 'permissions denied' }];
    fake.asked.push([method, name, body.identity].filter(Boolean).join(' '));
    const room = rooms.get(name);
    const gone: [number, object] = [
      404,
      { code: 'not_found', msg: 'requested room does not exist' },
    ];
    switch (method) {
      case 'CreateRoom': {
        const made = room ?? {
          name,
          maxParticipants: body.maxParticipants ?? 0,
          permissions: new Map(),
        };
        rooms.set(name, made);
        return [200, { name, sid: 'RM_x', maxParticipants: made.maxParticipants }];
      }
      case 'ListRooms': {
        const wanted = body.names ?? [...rooms.keys()];
        return [
          200,
          { rooms: wanted.filter((one) => rooms.has(one)).map((one) => ({ name: one })) },
        ];
      }
      case 'DeleteRoom':
        return rooms.delete(name) ? [200, {}] : gone;
      case 'RemoveParticipant':
        return room ? [200, {}] : gone;
      case 'UpdateParticipant':
        room?.permissions.set(body.identity!, body.permission ?? {});
        return room ? [200, { identity: body.identity }] : gone;
      default:
        return [404, { code: 'bad_route', msg: 'no such method' }];
    }
  }

  const server: Server = createServer((request, response) => {
    answer(request)
      .catch((): [number, object] => [401, { code: 'unauthenticated', msg: 'invalid token' }])
      .then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    url: `ws://127.0.0.1:${port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}
