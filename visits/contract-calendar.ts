/** What is said about moving, holding, repeating and waiting for times, about the staff's calendar, rooms and feeds. Types only. */
import type {
  AppointmentView,
  FreeSlot,
  Instant,
  PatientBrief,
  ScheduleException,
  VisitMode,
  VisitState,
  WeeklyHours,
} from './contract-schedule.ts';

/**
 * An `Idempotency-Key` must be there where it says so, and may be there for resources, closures and blocks. What changes something
 * without one is a repeat by nature: holding the same time, confirming, cancelling, answering an offer, leaving twice are one deed.
 */

// Moving and ending

/**
 * Why it was called off [FHIR R4 valueset-appointment-cancellation-reason]: patient, feeling better, no transport, moved away,
 * another clinician, from the waitlist; clinician, personal, meeting, hospital; weather, mistake, room, no interpreter, other.
 */
export type CancelClass =
  | 'pat'
  | 'pat-fb'
  | 'pat-lt'
  | 'pat-mv'
  | 'pat-ucp'
  | 'pat-swl'
  | 'prov'
  | 'prov-pers'
  | 'prov-edu'
  | 'prov-hosp'
  | 'oth-weath'
  | 'oth-err'
  | 'oth-room'
  | 'oth-int'
  | 'other';

/**
 * `POST /api/appointments/:id/reschedule`, `Idempotency-Key` required -> `AppointmentView` (scope `this`) or `SeriesReport`
 * (scope `following`: each later date moved by the same days and to the same wall-clock time). The id, the intake and the
 * history stay. 409 `slot-taken`: nothing was moved. 409 `conflict` once the patient has arrived.
 */
export interface RescheduleRequest {
  /** A free time of the same clinician, or of another one (scope `this` only). */
  slotId: string;
  hold?: string;
  /** Staff: other rooms and interpreters; left out: the same. */
  with?: string[];
  scope?: 'this' | 'following';
}

/** `POST /api/appointments/:id/confirm` (own clinician, nurse of the care team) -> `AppointmentView`; 409 `slot-taken` when another was confirmed there. Declining is cancelling. */
export interface ConfirmRequest {
  /** Other rooms and interpreters than were asked for. */
  with?: string[];
}

/** `POST /api/appointments/:id/no-show` (own clinician, nurse; from the start on) -> `AppointmentView`. */
export type NoShowRequest = Record<string, never>;

/** `POST /api/appointments/:id/urgent` (staff who care for the patient) -> `AppointmentView`. */
export interface UrgentRequest {
  urgent: boolean;
}

// Holds

/**
 * `POST /api/holds` (signed in) -> 201 `Hold`; 409 `slot-taken`. A patient holds one time (a new hold lets the old one go), staff
 * up to ten. `DELETE /api/holds/:id` lets go (204).
 */
export interface HoldRequest {
  slotId: string;
  /** 1 to 15, default 5. */
  minutes?: number;
  type?: VisitMode;
  interpreter?: string;
  with?: string[];
}

export interface Hold {
  id: string;
  slotId: string;
  start: Instant;
  end: Instant;
  expires: Instant;
}

// Series

export interface Repeat {
  /** By the wall clock of the clinician's zone. `monthly`: the same day of the month, or its last; `monthly-weekday`: the second Tuesday, or the last. */
  every: 'week' | 'two-weeks' | 'monthly' | 'monthly-weekday';
  /** 2 to 52 dates, the first included. */
  times: number;
}

/** `POST /api/series`, `Idempotency-Key` required -> 201 `SeriesReport`. Staff, and patients within what they may book. */
export interface SeriesRequest {
  /** The first date. */
  slotId: string;
  type: VisitMode;
  reason: string;
  patient?: string;
  place?: string;
  interpreter?: string;
  with?: string[];
  repeat: Repeat;
  /** `all`: a conflict books nothing; `possible`: the dates that can be had. */
  book: 'all' | 'possible';
  /** Only tells what would happen (200, nothing is booked). */
  preview?: boolean;
}

/** Why a date could not be had: taken, not open then, no such hour that day, the patient is elsewhere, no room or interpreter, beyond the horizon, too near, more than she may book. */
export type SeriesConflict =
  | 'taken'
  | 'closed'
  | 'no-such-time'
  | 'patient-busy'
  | 'no-resource'
  | 'too-far'
  | 'too-near'
  | 'limit';

export interface SeriesDate {
  /** 0 .. times-1 */
  index: number;
  start: Instant;
  end: Instant;
  /** Booked (or moved) as this appointment. */
  appointment?: string;
  conflict?: SeriesConflict;
}

export interface SeriesReport {
  /** Absent when nothing was booked. */
  id?: string;
  /** False: nothing was booked or moved. */
  done: boolean;
  dates: SeriesDate[];
}

/** `GET /api/series/:id` (whoever sees its appointments). */
export interface SeriesView {
  id: string;
  repeat: Repeat;
  appointments: AppointmentView[];
}

// Waitlist

/**
 * `POST /api/waitlist`, `Idempotency-Key` required -> 201 `WaitlistEntry`. A patient joins for herself and her dependants, staff for
 * those they care for. At most five entries a patient. `PUT`-less: leave and join again. `POST /api/waitlist/:id/leave` -> 204.
 */
export interface WaitlistRequest {
  /** 1 to 10 clinicians of whom any will do. */
  clinicians: string[];
  type: VisitMode;
  reason: string;
  patient?: string;
  place?: string;
  /** Wall-clock dates of the clinician's zone, inclusive; at most 180 days. */
  from: string;
  to: string;
  /** Left out: any day. */
  days?: (1 | 2 | 3 | 4 | 5 | 6 | 7)[];
  /** Wall-clock times of the start, `HH:MM`, `end` exclusive. Left out: any time. */
  times?: { start: string; end: string }[];
  /** The least warning she needs, in minutes (0 to 10080). Default 60. */
  noticeMinutes?: number;
  urgent?: boolean;
  /** An appointment that she would give up for the earlier time: moved when she accepts. */
  instead?: string;
}

export interface WaitlistOffer {
  id: string;
  clinician: { id: string; name: string; specialty: string };
  start: Instant;
  end: Instant;
  zone: string;
  expires: Instant;
}

export interface WaitlistEntry {
  id: string;
  state: 'waiting' | 'offered' | 'booked' | 'left' | 'over';
  since: Instant;
  clinicians: { id: string; name: string; specialty: string }[];
  type: VisitMode;
  reason: string;
  from: string;
  to: string;
  days?: number[];
  times?: { start: string; end: string }[];
  noticeMinutes: number;
  urgent: boolean;
  instead?: string;
  /** Present for staff. */
  patient?: PatientBrief;
  /** At most one at a time; `POST /api/waitlist/offers/:id/accept` -> `AppointmentView` (409 `conflict` once over), `.../decline` -> 204. */
  offer?: WaitlistOffer;
  /** The appointment that came of it. */
  appointment?: string;
}

/** `GET /api/waitlist?patient=` (mine or a dependant's), `GET /api/waitlist?clinician=` (staff: those they care for). Urgent first, then in turn. */
export interface Waitlist {
  entries: WaitlistEntry[];
}

/** `POST /api/waitlist/:id/offer` (staff) offers this free time to this person out of turn -> `WaitlistEntry`; 409 `slot-taken`. */
export interface OfferRequest {
  slotId: string;
}

// Calendar of staff

/**
 * `POST /api/calendar` (staff and administrators). A day, a week, or several resources side by side: at most 42 days, at most 30
 * actors, `to` exclusive. Administrators see times without people.
 */
export interface CalendarRequest {
  from: Instant;
  to: Instant;
  /** Clinicians, rooms, interpreters. Left out: the caller herself; `['*']`: everybody with a schedule and every resource (first 30). */
  actors?: string[];
}

export interface CalendarSpan {
  start: Instant;
  end: Instant;
}

export interface CalendarEntry extends CalendarSpan {
  /** Appointment id; absent for one that the caller may not see ("busy"). */
  id?: string;
  state: VisitState;
  mode?: VisitMode;
  urgent: boolean;
  redFlag: boolean;
  /** Only those the caller cares for. */
  patient?: PatientBrief;
  reason?: string;
  /** Everybody it takes of those asked for: clinician, room, interpreter. */
  actors: string[];
  series?: { id: string; index: number; of: number };
  canReschedule: boolean;
  canCancel: boolean;
}

export interface CalendarActor {
  id: string;
  kind: 'clinician' | ResourceKind;
  name: string;
  zone: string;
  /** Minutes of one visit; starts are counted from the beginning of an open span by `slotMinutes` plus both buffers. */
  slotMinutes: number;
  capacity: number;
  /** Open hours, closures and exceptions already taken out; blocks and bookings not. */
  open: CalendarSpan[];
  /** Closures of the whole clinic and of this actor that touch the range. */
  closures: (CalendarSpan & { label?: string; clinic: boolean })[];
  /** Time kept free by hand (`POST /api/blocks`). */
  blocks: (CalendarSpan & { id: string })[];
  /** Held by somebody who is booking, or offered to the waitlist. */
  holds: (CalendarSpan & { expires: Instant })[];
}

export interface Calendar {
  actors: CalendarActor[];
  /** Ascending by start. */
  entries: CalendarEntry[];
}

/** `POST /api/calendar/free` (staff): where in the range an appointment could be moved, or begin: slots free for all of them. */
export interface CalendarFreeRequest {
  clinician: string;
  from: Instant;
  to: Instant;
  with?: string[];
  /** This appointment's own time counts as free. */
  moving?: string;
}
export type CalendarFree = FreeSlot[];

/** `POST /api/blocks` (administrator; a practitioner for herself) -> 201 `Block`; 409 `conflict` names how many appointments are in the way. `DELETE /api/blocks/:id` -> 204. */
export interface BlockRequest {
  actor: string;
  from: Instant;
  to: Instant;
}
export interface Block extends CalendarSpan {
  id: string;
  actor: string;
}

// Resources and closures of the clinic

export type ResourceKind = 'room' | 'interpreter';

export interface ResourceBrief {
  id: string;
  kind: ResourceKind;
  name: string;
}

/** `GET /api/resources` (staff) -> `Resource[]`; `POST` (administrator) -> 201; `PUT /api/resources/:id` (administrator). A room is a FHIR Location, an interpreter service a HealthcareService of the same id. */
export interface Resource extends ResourceBrief {
  /** Visits at one time: interpreters of the service, seats of the room. 1 to 100. */
  capacity: number;
  /** Interpreters: BCP 47 languages. */
  languages: string[];
  /** When it can be had. */
  zone: string;
  hours: WeeklyHours[];
  exceptions: ScheduleException[];
  closures: { from: string; to: string }[];
  active: boolean;
}
export type ResourceRequest = Omit<Resource, 'id'>;

/** `GET /api/closures` (staff), `POST` (administrator) -> 201 with `appointments` in the way, `DELETE /api/closures/:id` (administrator) -> 204. The whole clinic, each schedule by its own zone. */
export interface ClinicClosure {
  id: string;
  /** `YYYY-MM-DD`, `to` inclusive. */
  from: string;
  to: string;
  /** "Public holiday": shown to staff; at most 60 characters, no person's name. */
  label: string;
  /** How many appointments stand in it and want to be moved. */
  appointments: number;
}
export type ClosureRequest = Pick<ClinicClosure, 'from' | 'to' | 'label'>;

// Calendar files

/**
 * `GET /api/appointments/:id/calendar.ics?words=` (cookie or token): `text/calendar`, one VEVENT with the appointment's UID and SEQUENCE;
 * METHOD:PUBLISH, or METHOD:CANCEL once cancelled. Instants are UTC.
 */
export type CalendarWords = 'appointment' | 'mode' | 'person';

/**
 * `POST /api/feeds`, -> 201 `NewFeed`; `GET /api/feeds` -> `Feed[]`; `DELETE /api/feeds/:id` -> 204, and the address is dead. The
 * address itself asks for no sign-in: whoever has it reads it. At most five a person.
 */
export interface FeedRequest {
  /** What an entry says: "Appointment" (default), "Video visit", or (patients only) with whom. */
  words?: CalendarWords;
}
export interface Feed {
  id: string;
  words: CalendarWords;
  since: Instant;
  /** Absent: never read yet. */
  lastRead?: Instant;
}
export interface NewFeed extends Feed {
  /** Shown once: `https://.../api/feeds/<secret>/calendar.ics`. */
  url: string;
}
