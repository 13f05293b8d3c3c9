/** From a Subscription as it was sent to what the house has to do for it; every fault is told at once, with its place. */
import { parseQuery, Refusal } from '@afar/fhir';
import type { Extension, OperationOutcomeIssue, Subscription } from '@afar/fhir';
import { OutboundError, parseHeaders } from '../outbound/index.ts';
import { leastHeartbeat, type Limits } from './limits.ts';
import { isTold, topics, type Interaction, type Topic } from './topics.ts';
import { extensions } from './vocabulary.ts';

export type Content = 'empty' | 'id-only' | 'full-resource';

export interface Plan {
  /** Notification bundles of the backport; else the plain R4 forms. */
  backport: boolean;
  topic?: Topic;
  type: string;
  interactions: readonly Interaction[];
  /** AND-ed; each a query on the type. */
  criteria: [string, string][];
  channel: 'rest-hook' | 'websocket';
  endpoint?: string;
  headers: Record<string, string>;
  content: Content;
  /** ms; absent: none. */
  heartbeatMs?: number;
  timeoutMs: number;
  maxCount: number;
  /** ms since epoch. */
  ends?: number;
}

/** Of the shape of an answer, or of paging: they narrow nothing. */
const notCriteria =
  /^_(sort|count|include|revinclude|summary|elements|total|cursor|contained|containedType|format|pretty|maxresults|score)(:|$)/;

const jsonTypes = new Set(['application/fhir+json', 'application/json', 'json']);

/** What stands beside a primitive [FHIR R4 json.html#primitive]; the types we use leave it out. */
type Beside<K extends string> = Partial<Record<K, { extension?: Extension[] }>>;

class Faults {
  readonly issues: OperationOutcomeIssue[] = [];
  add(expression: string, diagnostics: string): void {
    this.issues.push({
      severity: 'error',
      code: 'invalid',
      diagnostics,
      expression: [`Subscription.${expression}`],
    });
  }
}

const find = (list: Extension[] | undefined, url: string): Extension | undefined =>
  list?.find((one) => one.url === url);

/**
 * @throws Refusal `invalid` with one issue for each fault; `not-supported`, `unknown-parameter`, `too-costly` of the criteria
 */
export function planOf(subscription: Subscription, limits: Limits): Plan {
  const faults = new Faults();
  const { channel } = subscription;
  const topicUrl = topicOf(subscription);
  const topic = topicUrl === undefined ? undefined : topics.get(topicUrl.split('|')[0]!);
  if (topicUrl !== undefined && !topic)
    faults.add('criteria', 'no such topic: /metadata lists those that are served');
  const filters = topicUrl === undefined ? [subscription.criteria] : filtersOf(subscription, topic);
  const parsed = filters.map((text) => filterOf(text, faults));
  const type = topic?.type ?? parsed[0]?.type ?? '';
  if (parsed.some((one) => one && one.type !== type))
    faults.add('criteria', 'a filter is not of the type that the topic is about');
  const kind = channelOf(subscription, faults);
  const headers = headersOf(subscription, faults);
  const plan: Plan = {
    backport: topicUrl !== undefined,
    ...(topic && { topic }),
    type,
    interactions: topic?.interactions ?? ['create', 'update'],
    criteria: parsed.flatMap((one) => one?.params ?? []),
    channel: kind,
    ...(channel.endpoint !== undefined && { endpoint: channel.endpoint }),
    headers,
    content: contentOf(subscription, topicUrl !== undefined, faults),
    timeoutMs: Math.min(
      (whole(channel.extension, extensions.timeout) ?? Infinity) * 1000,
      limits.timeoutMs,
    ),
    maxCount: Math.min(
      whole(channel.extension, extensions.maxCount) ?? limits.perNotification,
      limits.perNotification,
    ),
  };
  const heartbeat = whole(channel.extension, extensions.heartbeat);
  if (heartbeat) {
    if (heartbeat < leastHeartbeat)
      faults.add('channel.extension', `a heartbeat comes every ${leastHeartbeat} s at most`);
    plan.heartbeatMs = heartbeat * 1000;
  }
  if (plan.timeoutMs <= 0) faults.add('channel.extension', 'the timeout is at least a second');
  if (subscription.end) plan.ends = Date.parse(subscription.end);
  if (faults.issues.length) throw new Refusal('invalid', { issues: faults.issues });
  parseQuery(type, plan.criteria, { strict: true });
  return plan;
}

/** The criteria is a topic's canonical address [backport 1.1], or an extension beside it names one (earlier drafts). */
function topicOf({ criteria, extension }: Subscription): string | undefined {
  const beside = find(extension, extensions.topic);
  if (beside) return beside.valueUri ?? beside.valueCanonical ?? '';
  return /^(urn:|https?:)/.test(criteria ?? '') ? criteria : undefined;
}

function filtersOf(subscription: Subscription, topic: Topic | undefined): string[] {
  const marks = [
    ...((subscription as Beside<'_criteria'>)._criteria?.extension ?? []),
    ...(subscription.extension ?? []),
  ];
  return marks
    .filter((one) => one.url === extensions.filter)
    .map((one) => one.valueString ?? '')
    .map((text) => (text.includes('?') ? text : `${topic?.type ?? ''}?${text}`));
}

function filterOf(
  text: string,
  faults: Faults,
): { type: string; params: [string, string][] } | undefined {
  const [, type, query] = /^([A-Z][A-Za-z]{1,40})(?:\?([^#]*))?$/s.exec(text ?? '') ?? [];
  if (!type || !isTold(type)) {
    faults.add(
      'criteria',
      'expected: a type whose changes are told, and a query, such as Observation?code=...',
    );
    return undefined;
  }
  const params = [...new URLSearchParams(query ?? '')];
  if (params.some(([name]) => notCriteria.test(name)))
    faults.add('criteria', 'a criterion narrows; it does not sort, count or include');
  return { type, params };
}

function channelOf({ channel }: Subscription, faults: Faults): Plan['channel'] {
  const { type, endpoint } = channel;
  if (type !== 'rest-hook' && type !== 'websocket')
    faults.add('channel.type', 'rest-hook and websocket are served');
  if (type === 'rest-hook' && !endpoint) faults.add('channel.endpoint', 'a rest-hook needs one');
  return type === 'websocket' ? 'websocket' : 'rest-hook';
}

function headersOf({ channel }: Subscription, faults: Faults): Record<string, string> {
  try {
    return parseHeaders(channel.header ?? []);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    faults.add('channel.header', 'only Authorization, API keys and X- headers may be set');
    return {};
  }
}

function contentOf({ channel }: Subscription, backport: boolean, faults: Faults): Content {
  const { payload } = channel;
  if (payload !== undefined && !jsonTypes.has(payload.split(';')[0]!.trim().toLowerCase()))
    faults.add('channel.payload', 'only application/fhir+json is sent');
  if (!backport) return payload === undefined ? 'empty' : 'full-resource';
  const beside = (channel as Beside<'_payload'>)._payload?.extension;
  const asked = find(beside, extensions.content)?.valueCode ?? 'id-only';
  if (asked !== 'empty' && asked !== 'id-only' && asked !== 'full-resource')
    faults.add('channel.payload.extension', 'empty, id-only or full-resource');
  return asked as Content;
}

function whole(list: Extension[] | undefined, url: string): number | undefined {
  const one = find(list, url);
  const value = one?.valueUnsignedInt ?? one?.valuePositiveInt ?? one?.valueInteger;
  return value !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}
