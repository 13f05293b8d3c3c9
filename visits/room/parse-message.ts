/** Reads a message of a browser: shape and size of every member, nothing unknown, or nothing at all (signalling.md S4). */
import type { Candidate, ClientMessage, MediaState, Relayed } from '../messages.ts';
import { isUuid } from '../scheduling/rule.ts';

/** Bytes of one frame. An SDP with video, audio, screen and all candidates of a laptop with ten addresses has 15 KiB. */
export const frameBytes = 64 * 1024;
const sdpLength = 48 * 1024;
const candidateLength = 1024;

type Bag = Record<string, unknown>;

const isText = (value: unknown, most: number, least = 1): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= most;
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1_000_000_000;
const isBase64url = (value: unknown, length: number): value is string =>
  typeof value === 'string' && value.length === length && /^[A-Za-z0-9_-]+$/.test(value);

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

const restartReasons = ['ice-failed', 'ice-disconnected', 'network-changed', 'no-media'];

/** SHA-256 is 43 characters of base64url, a P-256 point 87, a nonce of 32 bytes 43. */
const fits: { [T in Relayed['type']]: { members: string[]; test: (bag: Bag) => boolean } } = {
  offer: {
    members: ['negotiation', 'sdp', 'iceRestart'],
    test: (bag) =>
      isCount(bag.negotiation) && isText(bag.sdp, sdpLength) && typeof bag.iceRestart === 'boolean',
  },
  answer: {
    members: ['negotiation', 'sdp'],
    test: (bag) => isCount(bag.negotiation) && isText(bag.sdp, sdpLength),
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
};

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
    case 'renew':
    case 'leave':
      return only(bag, ['type']) ? { type } : undefined;
    case 'join':
      return only(bag, ['type', 'token']) && isText(bag.token, 128)
        ? { type, token: bag.token }
        : undefined;
    case 'media': {
      const media = only(bag, ['type', 'media']) ? readMedia(bag.media) : undefined;
      return media && { type, media };
    }
    default: {
      if (typeof type !== 'string' || !Object.hasOwn(fits, type)) return undefined;
      const rule = fits[type as Relayed['type']];
      const known = only(bag, ['type', 'to', ...rule.members]);
      return known && isUuid(bag.to) && rule.test(bag)
        ? (bag as unknown as ClientMessage)
        : undefined;
    }
  }
}
