/** What the web app and the share links' routes say to each other: types only. */

/** Kinds of data a person chooses by. */
export type SharedKind =
  | 'record'
  | 'problems'
  | 'allergies'
  | 'medications'
  | 'results'
  | 'immunizations'
  | 'documents'
  | 'visits';

/**
 * `POST /api/links`: 201 NewLink, by the patient or her proxy. One of `kinds` and `item`.
 */
export interface MakeLinkRequest {
  /** A proxy says whose record; a patient may leave it out. */
  patient?: string;
  kinds?: SharedKind[];
  /** One document, prescription or report: `MedicationRequest/<id>`. */
  item?: string;
  /** Hours until it ends: 1 to 720, default 72. */
  hours?: number;
  /** Openings it is good for: 1 to 100, default 5. */
  openings?: number;
  /** For her own list: whom it is for. At most 100 characters. */
  note?: string;
}

/** Shown once: neither can be shown again. */
export interface NewLink {
  link: ShareLink;
  /** With the secret in its fragment, which browsers send to nobody. */
  url: string;
  /** Six digits, to be told by another way than the link. */
  pin: string;
}

export interface ShareLink {
  id: string;
  state: 'live' | 'expired' | 'used-up' | 'revoked' | 'dead';
  /** Absent for one item. */
  kinds?: SharedKind[];
  item?: string;
  note?: string;
  created: number;
  expires: number;
  openings: number;
  opened: number;
  /** Newest first. */
  seen: { at: number; who?: string; signedIn: boolean }[];
}

/** `GET /api/links?patient=`: newest first, at most 100. `POST /api/links/:id/revoke`: 200 ShareLink. */
export interface ShareLinkList {
  links: ShareLink[];
}

/**
 * `POST /api/links/open`, signed in or not: 200 Opened | 401 `bad-credentials` wrong PIN (`diagnostics`: tries left) |
 * 404 no such link, or it has ended.
 */
export interface OpenLinkRequest {
  /** What stood in the fragment. */
  secret: string;
  pin: string;
  /** Who looks, if she says so: the patient is told. */
  name?: string;
}
export interface OpenedLink {
  /** `guest`: this browser may look for a while. `own`: a pharmacist who is signed in holds the prescription for 24 hours. */
  as: 'guest' | 'own';
  patient: string;
  kinds?: SharedKind[];
  /** What was opened, when it was one thing. */
  item?: string;
  /** ms since epoch. */
  until: number;
}

/** `GET /api/shared`, as a guest: what the page shows. `POST /api/links/leave` ends it. */
export interface SharedView {
  patient: { id: string; name: string; birthDate?: string };
  kinds?: SharedKind[];
  item?: string;
  until: number;
}
