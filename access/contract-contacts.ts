/** How people are told of what waits, over HTTP: types only, no code. */

export type ContactTopic = 'visits' | 'messages' | 'surveys' | 'notices';
export type ContactWay = 'mail' | 'sms' | 'push';
/** A topic by a way. */
export type Wanted =
  | 'visits:mail'
  | 'visits:sms'
  | 'visits:push'
  | 'messages:mail'
  | 'messages:push'
  | 'surveys:mail'
  | 'surveys:push'
  | 'notices:push';

/** A browser that is told by push. */
export interface PushDevice {
  id: string;
  /** ms since epoch. */
  created: number;
  /** When it was last told something; absent: never. */
  used?: number;
  /** As it calls itself, such as `Mozilla/5.0 ...`. */
  browser: string;
  /** This very one: of the session that asks. */
  current: boolean;
}

/** `GET /api/contacts` */
export interface Contacts {
  wanted: Wanted[];
  /** What can be chosen here: by ways that this clinic has and that reach her. */
  possible: Wanted[];
  /** Minutes after midnight of her own clock; absent: nothing is quiet. */
  quiet?: { from: number; to: number };
  /** Her zone, as her account says; absent: each clinic's own. */
  zone?: string;
  devices: PushDevice[];
  /** What a browser subscribes with, base64url; absent: this clinic sends no pushes. */
  pushKey?: string;
}

/** `PUT /api/contacts`: 204 */
export interface ContactChoices {
  wanted: Wanted[];
  /** Null: nothing is quiet. */
  quiet: { from: number; to: number } | null;
}

/** `POST /api/contacts/devices`: `PushSubscription.toJSON()` of this browser; 201 with the list's row. Repeating renews it. */
export interface PushRegistration {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** `POST /api/opt-out` with what the link said: 200 | 404 for a link that is none. Signs nobody in, and tells nothing of her. */
export interface OptOut {
  token: string;
}
export interface OptedOut {
  topic: ContactTopic;
  way: ContactWay;
}
