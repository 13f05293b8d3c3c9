/** Names of the Subscriptions R5 Backport guide (1.1.0, for R4), and our own for topics. */

const base = 'http://hl7.org/fhir/uv/subscriptions-backport';

export const profiles = {
  subscription: `${base}/StructureDefinition/backport-subscription`,
  notification: `${base}/StructureDefinition/backport-subscription-notification-r4`,
  status: `${base}/StructureDefinition/backport-subscription-status-r4`,
} as const;

export const extensions = {
  filter: `${base}/StructureDefinition/backport-filter-criteria`,
  /** Of earlier drafts of the guide: the topic beside the criteria. */
  topic: `${base}/StructureDefinition/backport-topic-canonical`,
  content: `${base}/StructureDefinition/backport-payload-content`,
  heartbeat: `${base}/StructureDefinition/backport-heartbeat-period`,
  timeout: `${base}/StructureDefinition/backport-timeout`,
  maxCount: `${base}/StructureDefinition/backport-max-count`,
  /** In the CapabilityStatement, on Subscription: a topic that is served. */
  topicServed: `${base}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`,
} as const;

export const operations = {
  status: `${base}/OperationDefinition/backport-subscription-status`,
  events: `${base}/OperationDefinition/backport-subscription-events`,
  token: `${base}/OperationDefinition/backport-subscription-get-ws-binding-token`,
} as const;

export const topicPrefix = 'urn:afar:topic:';
