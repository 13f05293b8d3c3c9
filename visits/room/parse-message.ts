/** Reads a message of a browser: shape and size of every member, nothing unknown, or nothing at all (signalling.md S4). */
import type { Candidate, ClientMessage, MediaState, Relayed } from '../messages.ts';
import type { SfuRequest } from '../media/negotiation.ts';
import { isUuid } from '../scheduling/rule.ts';

/** Bytes of one frame. An SDP with video, audio, screen and all candidates of a laptop with ten addresses has 15 KiB. */
export const frameBytes = 64 * 1024;
const sdpLength = 48 * 1024;
/** Three times what a full room with screens and voices aside is sent. */
const mostSections = 96;
const candidateLength = 1024;
/** 16 KiB as base64url. */
const sealedLength = Math.ceil((16 * 1024 * 4) / 3);
/** A wrapped key with the sender's nonce and tag takes 100 characters. */
const wrappedLength = 1024;
/** Voice, camera, screen and whisper are four; a stage of eight is sent no more than 28. */
const mostStreams = 32;
const mostPeers = 16;

type Bag = Record<string, unknown>;

const isText = (value: unknown, most: number, least = 1): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= most;
const isSdp = (value: unknown): value is string =>
  isText(value, sdpLength) && (value.match(/^m=/gm)?.length ?? 0) <= mostSections;
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1_000_000_000;
const isBase64url = (value: unknown, length: number, least = length): value is string =>
  isText(value, length, least) && /^[A-Za-z0-9_-]+$/.test(value);
const maybeCount = (value: unknown): boolean => value === undefined || isCount(value);

function only(bag: Bag, names: readonly string[]): boolean {
  return Object.keys(bag).every((name) => names.includes(name));
}

function readCandidate(value: unknown): Candidate | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'object') return undefined;
  const bag = value as Bag;
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = bag;
  const maybeText = (one: unknown): boolean => one == null || isText(one, 256, 0);
  const fits =
    only(bag, ['candidate', 'sdpMid', 'sdpMLineIndex', 'usernameFragment']) &&
    isText(candidate, candidateLength, 0) &&
    maybeText(sdpMid) &&
    maybeText(usernameFragment) &&
    (sdpMLineIndex == null || isCount(sdpMLineIndex));
  return fits ? (bag as unknown as Candidate) : undefined;
}

function readMedia(value: unknown): MediaState | undefined {
  const names = ['camera', 'microphone', 'screen', 'audioOnly'] as const;
  if (typeof value !== 'object' || value === null) return undefined;
  const bag = value as Bag;
  return only(bag, names) && names.every((name) => typeof bag[name] === 'boolean')
    ? (bag as unknown as MediaState)
    : undefined;
}

const isLink = (value: unknown): boolean => value === 'up' || value === 'down';

function areStreams(value: unknown): boolean {
  if (value === undefined) return true;
  if (!Array.isArray(value) || value.length > mostStreams) return false;
  return value.every((one: unknown) => {
    if (typeof one !== 'object' || one === null) return false;
    const { mid, kind } = one as Bag;
    const known = ['audio', 'video', 'screen', 'whisper'].includes(kind as string);
    return only(one as Bag, ['mid', 'kind']) && isText(mid, 16) && known;
  });
}

function areLayers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const wanted = Object.entries(value);
  return (
    wanted.length <= mostPeers &&
    wanted.every(
      ([peer, layer]) => isUuid(peer) && ['off', 'low', 'high'].includes(layer as string),
    )
  );
}

interface Shape {
  members: string[];
  test: (bag: Bag) => boolean;
}

const toEngine: { [T in SfuRequest['type']]: Shape } = {
  'sfu-publish': {
    members: ['negotiation', 'sdp', 'streams'],
    test: (bag) => isCount(bag.negotiation) && isSdp(bag.sdp) && areStreams(bag.streams),
  },
  'sfu-answer': {
    members: ['negotiation', 'sdp'],
    test: (bag) => isCount(bag.negotiation) && isSdp(bag.sdp),
  },
  'sfu-candidate': {
    members: ['link', 'candidate'],
    test: (bag) => isLink(bag.link) && readCandidate(bag.candidate) !== undefined,
  },
  'sfu-want': {
    members: ['layers', 'screens'],
    test: (bag) => areLayers(bag.layers) && (bag.screens === undefined || areLayers(bag.screens)),
  },
  'sfu-restart': { members: ['link'], test: (bag) => isLink(bag.link) },
};

const restartReasons = ['ice-failed', 'ice-disconnected', 'network-changed', 'no-media'];

/** SHA-256 is 43 characters of base64url, a P-256 point 87, a nonce of 32 bytes 43. */
const fits: { [T in Relayed['type']]: Shape } = {
  offer: {
    members: ['negotiation', 'sdp', 'iceRestart'],
    test: (bag) =>
      isCount(bag.negotiation) && isSdp(bag.sdp) && typeof bag.iceRestart === 'boolean',
  },
  answer: {
    members: ['negotiation', 'sdp'],
    test: (bag) => isCount(bag.negotiation) && isSdp(bag.sdp),
  },
  candidate: {
    members: ['negotiation', 'candidate'],
    test: (bag) => isCount(bag.negotiation) && readCandidate(bag.candidate) !== undefined,
  },
  restart: {
    members: ['reason'],
    test: (bag) => restartReasons.includes(bag.reason as string),
  },
  commit: {
    members: ['epoch', 'commitment'],
    test: (bag) => isCount(bag.epoch) && isBase64url(bag.commitment, 43),
  },
  reveal: {
    members: ['epoch', 'publicKey', 'nonce'],
    test: (bag) =>
      isCount(bag.epoch) && isBase64url(bag.publicKey, 87) && isBase64url(bag.nonce, 43),
  },
  'sender-key': {
    members: ['epoch', 'wrapped'],
    test: (bag) => isCount(bag.epoch) && isBase64url(bag.wrapped, wrappedLength, 1),
  },
};

/** What names a peer and is handed on, and what goes to the engine. */
function parseOther(type: string, bag: Bag): ClientMessage | undefined {
  const numbered = maybeCount(bag.seq);
  if (Object.hasOwn(fits, type)) {
    const rule = fits[type as Relayed['type']];
    const known = numbered && only(bag, ['type', 'to', 'seq', ...rule.members]);
    return known && isUuid(bag.to) && rule.test(bag)
      ? (bag as unknown as ClientMessage)
      : undefined;
  }
  if (!Object.hasOwn(toEngine, type)) return undefined;
  const rule = toEngine[type as SfuRequest['type']];
  return only(bag, ['type', ...rule.members]) && rule.test(bag)
    ? (bag as unknown as ClientMessage)
    : undefined;
}

function isSealed(bag: Bag): boolean {
  return (
    only(bag, ['type', 'to', 'kind', 'body', 'seq']) &&
    (bag.to === 'all' || isUuid(bag.to)) &&
    isText(bag.kind, 32) &&
    /^[a-z][a-z0-9-]*$/.test(bag.kind) &&
    isBase64url(bag.body, sealedLength, 1) &&
    maybeCount(bag.seq)
  );
}

/** The message, or undefined when anything about it is wrong. */
export function parseMessage(text: string): ClientMessage | undefined {
  let bag: Bag;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    bag = value as Bag;
  } catch {
    return undefined;
  }
  const { type } = bag;
  switch (type) {
    case 'watch':
    case 'leave':
      return only(bag, ['type']) ? { type } : undefined;
    case 'renew':
      return only(bag, ['type', 'after']) && maybeCount(bag.after)
        ? (bag as unknown as ClientMessage)
        : undefined;
    case 'join':
      return only(bag, ['type', 'token', 'after']) &&
        isText(bag.token, 128) &&
        maybeCount(bag.after)
        ? (bag as unknown as ClientMessage)
        : undefined;
    case 'media': {
      const media = only(bag, ['type', 'media']) ? readMedia(bag.media) : undefined;
      return media && { type, media };
    }
    case 'sealed':
      return isSealed(bag) ? (bag as unknown as ClientMessage) : undefined;
    default:
      return typeof type === 'string' ? parseOther(type, bag) : undefined;
  }
}
