/** What is ordered, what comes back, who must do what next, and the words to write it with. Types only. */
import type { Instant, PatientBrief } from './contract-schedule.ts';

export interface Coding {
  /** `http://loinc.org`, or whatever the clinic's terminology holds. */
  system: string;
  code: string;
  display?: string;
}

export interface PersonBrief {
  id: string;
  name: string;
}

export type OrderKind = 'follow-up' | 'task' | 'appointment' | 'lab' | 'imaging' | 'referral';

/** `POST /api/visits/:id/orders` (practitioner, from admission on) -> 201 `OrderView`. Header `Idempotency-Key` required. */
export interface OrderRequest {
  /**
   * follow-up, lab, imaging, referral = ServiceRequest; task = Task of the care team, not shown to the patient; appointment = a
   * proposed Appointment to book. A lab, imaging or referral order is watched until its result has been acknowledged.
   */
  kind: OrderKind;
  /** What, in words; 1 to 500 characters. */
  text: string;
  /** Due date `YYYY-MM-DD`. */
  due?: string;
  priority?: 'routine' | 'urgent' | 'stat';
  /** The same in a code. */
  code?: Coding;
  /** Why; at most 1,000 characters. Also what follows; for lab, imaging and referral. */
  reason?: string;
  /** What the patient has to know: fasting, what to bring. Shown to her. */
  instructions?: string;
  /** Lab: blood, urine, swab of the throat. */
  specimen?: string;
  bodySite?: string;
  /** Imaging: DICOM's code, such as `CT`, `DX`, `US`. */
  modality?: string;
  /** Who does it: a practitioner or an organisation of the directory. */
  target?: { type: 'Practitioner' | 'Organization'; id: string };
}

/** `POST /api/visits/:id/order-set` -> 201 `Orders`: all of them, or none. Header `Idempotency-Key` required. */
export interface OrderSetRequest {
  /** 1 to 20. */
  orders: OrderRequest[];
}

export type OrderStatus = 'open' | 'on-hold' | 'done' | 'cancelled';

export interface OrderView extends Omit<OrderRequest, 'target' | 'priority'> {
  /** `ServiceRequest/<id>`, `Task/<id>` or `Appointment/<id>`. */
  reference: string;
  priority: 'routine' | 'urgent' | 'stat';
  status: OrderStatus;
  orderedAt: Instant;
  target?: { reference: string; name: string };
  /** Why it was cancelled. */
  cancelled?: string;
}

/** `GET /api/visits/:id/orders` (care team, patient). */
export interface Orders {
  orders: OrderView[];
}

/** `POST /api/visits/:id/orders/:order/cancel` (practitioner of the care team); `:order` is the id alone -> `OrderView`. */
export interface CancelOrderRequest {
  /** 1 to 500 characters; the patient reads it. */
  reason: string;
}

/** How soon somebody must look: `critical` and `abnormal` by what the result itself says, `unrated` when it says nothing. */
export type ResultLevel = 'critical' | 'abnormal' | 'unrated' | 'normal';

export interface ResultValue {
  name: string;
  /** As a person reads it, with its unit. */
  value: string;
  /** "3.5 to 5.1 mmol/L". */
  range?: string;
  level: ResultLevel;
  /** For the trend: LOINC or whatever code it has, its number and unit, and earlier ones in the same unit, oldest first. */
  code?: string;
  number?: number;
  unit?: string;
  before: { at: Instant; number: number }[];
}

/** `new`; `changed` after somebody acknowledged it; `retracted`: entered in error, cancelled or deleted where it came from. */
export type ResultStanding = 'new' | 'changed' | 'retracted';

export interface ResultItem {
  id: string;
  /** Grows with every change of the content; told again when acknowledging. */
  revision: number;
  reference: string;
  patient: PatientBrief;
  title: string;
  level: ResultLevel;
  standing: ResultStanding;
  /** The laboratory has not said its last word. */
  preliminary: boolean;
  conclusion?: string;
  values: ResultValue[];
  /** When it came, or came back. */
  since: Instant;
  /** When it goes on to somebody else. */
  dueBy?: Instant;
  /** It is yours, covered for somebody who is away, or came to the care team because nobody answered. */
  why: 'yours' | 'covered' | 'escalated';
  responsible?: PersonBrief;
  order?: { id: string; text: string; orderedAt: Instant; visit?: string };
}

/** An order whose result should have come. */
export interface OverdueOrder {
  id: string;
  patient: PatientBrief;
  text: string;
  kind: OrderKind;
  orderedAt: Instant;
  due: Instant;
  visit?: string;
}

/** `GET /api/results` (practitioner). */
export interface ResultsInbox {
  asOf: Instant;
  results: ResultItem[];
  overdue: OverdueOrder[];
  /** There are more than are shown. */
  more: boolean;
}

/** `GET /api/results/count` (practitioner): for the navigation. */
export interface ResultsCount {
  waiting: number;
  urgent: number;
}

export type ResultDecision = 'no-action' | 'told-patient' | 'follow-up' | 'message';

/** `POST /api/results/:result/acknowledge` (practitioner whose inbox it stands in) -> 204. 409 when it changed meanwhile. */
export interface AcknowledgeRequest {
  revision: number;
  decision: ResultDecision;
  /** For the chart; at most 2,000 characters. */
  note?: string;
  /** `message`: what the patient reads; required then. */
  message?: string;
  /** `follow-up`: what is to be done; required then. */
  followUp?: { text: string; due?: string };
}

/** `POST /api/results/:result/pass` -> 204: another practitioner who holds the chart answers for it. */
export interface PassRequest {
  to: string;
}

/** `GET /api/results/:result/colleagues` -> whom it can be passed to. */
export type Colleagues = PersonBrief[];

/** `GET`, `PUT`, `DELETE /api/results/away`: while she is away, what is hers stands in her colleague's inbox too. */
export interface Away {
  from: Instant;
  until: Instant;
  /** Practitioner id. */
  cover: string;
  coverName?: string;
}

/** `GET`, `PUT /api/results/settings` (administrator; practitioners read). */
export interface ResultSettings {
  /** Until a critical result goes on to others: 5 to 1,440 minutes. */
  criticalMinutes: number;
  /** An abnormal one: 1 to 336 hours. */
  abnormalHours: number;
  /** Any other: 1 to 60 days. */
  otherDays: number;
  /** `at-once`, or `seen`: when a clinician has acknowledged it. */
  release: 'at-once' | 'seen';
  /** With `seen`: after so many hours at the latest, 1 to 720; absent: not before somebody has seen it. */
  releaseHours?: number;
}

/** `GET /api/results/unanswered` (administrator): no patient, no content. */
export interface Unanswered {
  results: {
    id: string;
    since: Instant;
    level: ResultLevel;
    responsible?: PersonBrief;
    /** Nobody answered in time, or whoever should cannot: account shut, chart closed to her. */
    reason: 'silent' | 'unable' | 'nobody';
  }[];
}

/** `POST /api/results/:result/assign` (administrator) -> 204; the practitioner must hold the chart (409 otherwise). */
export type AssignRequest = PassRequest;

/** `POST /api/orders/:order/result` (practitioner or trainee of the care team): what came on paper or by telephone -> 201. */
export interface RecordResultRequest {
  status: 'preliminary' | 'final';
  conclusion?: string;
  /** At most 40. */
  values: {
    name: string;
    code?: Coding;
    value: number;
    /** UCUM, or as it is written. */
    unit: string;
    low?: number;
    high?: number;
    /** [HL7 v3 ObservationInterpretation] */
    interpretation?: 'N' | 'L' | 'H' | 'A' | 'LL' | 'HH' | 'AA';
  }[];
}

/** `GET /api/my-results?patient=` (patient, or who speaks for her): what became of what was ordered. */
export interface MyResults {
  /** How this clinic shows results: at once, or once a clinician has seen them. */
  release: 'at-once' | 'seen';
  releaseHours?: number;
  orders: {
    id: string;
    text: string;
    kind: OrderKind;
    orderedAt: Instant;
    due?: string;
    instructions?: string;
    target?: string;
    visit?: string;
    /** `waiting`: nothing came; `arrived`: your clinician looks first; `ready`: read it; `cancelled` and why. */
    state: 'waiting' | 'arrived' | 'ready' | 'done' | 'cancelled';
    cancelled?: string;
    /** With `arrived`: when you can read it at the latest. */
    visibleBy?: Instant;
  }[];
  results: {
    id: string;
    reference: string;
    title: string;
    at: Instant;
    level: ResultLevel;
    conclusion?: string;
    values: ResultValue[];
    preliminary: boolean;
    /** A clinician has acknowledged it, and what came of it. */
    seen?: { at: Instant; by: PersonBrief; decision: ResultDecision; message?: string };
  }[];
}

/** `POST /api/visits/:id/tasks` (practitioner, trainee, nurse of the care team, from admission on) -> 201 `TaskView`. `Idempotency-Key`. */
export interface TaskRequest {
  /** patient: she reads it and says when it is done; staff: a colleague's, never shown to her. */
  for: 'patient' | 'staff';
  /** 1 to 500 characters. */
  text: string;
  due?: string;
  /** staff: whose; a practitioner id. Default: your own. */
  owner?: string;
}

export interface TaskView {
  id: string;
  for: 'patient' | 'staff';
  text: string;
  due?: string;
  state: 'open' | 'done' | 'cancelled';
  givenAt: Instant;
  givenBy?: PersonBrief;
  owner?: PersonBrief;
  patient?: PatientBrief;
  doneAt?: Instant;
}

/** `GET /api/tasks?of=mine|given|patient&patient=&state=open|done`: hers for a patient; own or given ones for staff. */
export interface Tasks {
  tasks: TaskView[];
}

/** `POST /api/tasks/:task/done` and `/reopen` -> `TaskView`; `POST /api/tasks/:task/reassign` (staff) with `{ owner }`. */
export interface ReassignRequest {
  owner: string;
}

export type TemplateKind = 'note' | 'phrase' | 'orders';

/** What a template may name of the chart; filled in when it is used, read as the person who uses it. */
export type ChartField =
  | 'age'
  | 'sex'
  | 'allergies'
  | 'medicines'
  | 'conditions'
  | 'vitals'
  | 'blood-pressure'
  | 'pulse'
  | 'weight'
  | 'reason'
  | 'date';

/** `GET /api/templates` (practitioner, trainee, nurse; administrator: the clinic's). */
export interface Template {
  id: string;
  kind: TemplateKind;
  /** clinic: everybody's, written by administrators; own: its author's alone. */
  scope: 'clinic' | 'own';
  name: string;
  /** phrase: what is typed after a dot, `[a-z0-9-]{2,20}`. */
  abbr?: string;
  revision: number;
  body: TemplateBody;
}

/**
 * `{{age}}` is filled from the chart, `[[findings]]` is a field to jump to. note: the four sections; phrase: `text`; orders: a set.
 * `POST /api/templates`, `PUT /api/templates/:template` with `revision`, `DELETE /api/templates/:template`.
 */
export interface TemplateBody {
  sections?: { subjective: string; objective: string; assessment: string; plan: string };
  text?: string;
  orders?: Omit<OrderRequest, 'due'>[];
}

export interface TemplateRequest {
  kind: TemplateKind;
  name: string;
  abbr?: string;
  body: TemplateBody;
  /** When it is changed: the one it stands on. */
  revision?: number;
}

/** `GET /api/visits/:id/chart-fields` (care team): what the placeholders stand for in this chart, as the reader may see it. */
export type ChartFields = Partial<Record<ChartField, string>>;
