/** The settings of media: relays (coturn), and servers between browsers (Janus, LiveKit) for three and more. */
import type { Setting } from './settings.ts';

export const mediaSettings = {
  AFAR_STUN_URLS: {
    type: 'list',
    default: [],
    defaultText: 'coturn of AFAR_TURN',
    description:
      'STUN servers for video, such as `stun:stun.example.org:3478`. None are needed on one network.',
  },
  AFAR_TURN: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'on', 'off'],
    description:
      'Whether coturn is run beside the server, as a child process and an unprivileged user, when `turnserver` is installed. auto: when browsers come from elsewhere, that is, when AFAR_BASE_URL names another host than this machine itself (`localhost`), and AFAR_TURN_URLS is empty. See docs/operating.md, Media.',
  },
  AFAR_TURN_URLS: {
    type: 'list',
    default: [],
    description:
      'TURN servers that you run yourself, in place of a child: `turn:turn.example.org:3478?transport=udp`, `turn:turn.example.org:3478?transport=tcp`, `turns:turn.example.org:443?transport=tcp` (coturn with `use-auth-secret`).',
  },
  AFAR_TURN_SECRET: {
    type: 'text',
    secret: true,
    description:
      'The secret shared with the servers of AFAR_TURN_URLS (`static-auth-secret`). A child has a secret of its own, new at each start.',
  },
  AFAR_TURN_HOST: {
    type: 'text',
    defaultText: 'the host of AFAR_BASE_URL',
    description:
      'Name or address by which browsers reach the child coturn. With TLS the certificate must be for it.',
  },
  AFAR_TURN_LISTEN: {
    type: 'list',
    default: [],
    defaultText: "this machine's addresses, without loopback",
    description:
      'Addresses the child coturn listens on and relays from. Name one of its own to share port 443 with HTTPS.',
  },
  AFAR_TURN_PORT: {
    type: 'integer',
    default: 3478,
    min: 1,
    max: 65_535,
    description: 'Port of the child coturn, UDP and TCP.',
  },
  AFAR_TURN_TLS_PORT: {
    type: 'integer',
    default: 5349,
    min: 1,
    max: 65_535,
    description:
      "Port of the child coturn for TLS, with the server's own certificate; none without one. 443 passes the most firewalls, and needs an address that HTTPS does not use.",
  },
  AFAR_TURN_RELAY_PORTS: {
    type: 'text',
    default: '49160-50159',
    description: 'UDP ports that the child coturn relays from.',
  },
  AFAR_TURN_ALLOWED_PEERS: {
    type: 'list',
    default: [],
    description:
      'Private addresses and ranges, such as `10.20.0.5` or `10.20.1.0/24`, that the child coturn may send to after all. Private, loopback, link-local, multicast and carrier-grade-NAT addresses are denied otherwise: whoever is relayed would reach from inside what your firewall keeps from outside. Needed where browsers or Janus are on the same private network as coturn and UDP to them is blocked.',
  },
  AFAR_TURN_USER_QUOTA: {
    type: 'integer',
    default: 12,
    min: 1,
    max: 1_000,
    description: 'Relayed addresses that one credential of the child coturn may hold at a time.',
  },
  AFAR_TURN_TOTAL_QUOTA: {
    type: 'integer',
    default: 800,
    min: 1,
    max: 100_000,
    description: 'Relayed addresses that the child coturn gives out at a time.',
  },
  AFAR_TURN_KBIT: {
    type: 'integer',
    default: 6_000,
    min: 64,
    max: 1_000_000,
    description: 'What one relayed connection of the child coturn may carry, kbit/s each way.',
  },
  AFAR_MEDIA_EXTERNAL: {
    type: 'text',
    description:
      'The public address of this machine, when a 1:1 NAT stands before it (as in most clouds). coturn and Janus announce it in place of their own.',
  },
  AFAR_JANUS: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'off'],
    description:
      'Whether Janus is run beside the server, as a child process and an unprivileged user, for visits of three to eight. auto: when `janus` is installed and neither AFAR_JANUS_URL nor AFAR_LIVEKIT_URLS is set; it starts with the first such visit. Without any such server a visit has two people.',
  },
  AFAR_JANUS_URL: {
    type: 'url',
    schemes: ['ws', 'wss'],
    description:
      'WebSocket of a Janus 1.x that you run yourself, in place of a child, with `string_ids = true` for its VideoRoom. One Janus for all processes of this installation.',
  },
  AFAR_JANUS_API_SECRET: {
    type: 'text',
    secret: true,
    description: 'The `api_secret` of the Janus of AFAR_JANUS_URL.',
  },
  AFAR_JANUS_TOKEN: {
    type: 'text',
    secret: true,
    description: 'A token of the Janus of AFAR_JANUS_URL, when it has `token_auth`.',
  },
  AFAR_JANUS_ADMIN_KEY: {
    type: 'text',
    secret: true,
    description: 'The `admin_key` of the VideoRoom of AFAR_JANUS_URL.',
  },
  AFAR_JANUS_RTP_PORTS: {
    type: 'text',
    default: '50160-51159',
    description: 'UDP ports of the child Janus for media: two for each person in a visit of many.',
  },
  AFAR_JANUS_IGNORE: {
    type: 'list',
    default: [],
    description:
      'Interfaces and addresses that the child Janus does not offer to browsers; beginnings count: `docker`, `10.8.`.',
  },
  AFAR_LIVEKIT_URLS: {
    type: 'list',
    default: [],
    description:
      'LiveKit for visits of three to eight, in place of Janus: `wss://livekit.example.org`, or one for each region, the first being the default: `eu=wss://eu.example.org,us=wss://us.example.org`. Browsers go there themselves.',
  },
  AFAR_LIVEKIT_KEY: {
    type: 'text',
    description: 'The API key of LiveKit.',
  },
  AFAR_LIVEKIT_SECRET: {
    type: 'text',
    secret: true,
    description: 'The API secret of LiveKit.',
  },
} as const satisfies Record<string, Setting>;
