/** Notices over HTTP: types only, no code. */
import type { KeptNotice, NoticeKind } from './notices/kinds.ts';

export type { KeptNotice, NoticeKind };

/** `GET /api/notices`: the newest, and what of them is mailed. */
export interface NoticeList {
  unread: number;
  notices: KeptNotice[];
  /** Kinds she wants no mail about, of those that she may choose. */
  muted: NoticeKind[];
  mutable: NoticeKind[];
}

/** `POST /api/notices/read`: 204. Ids of others are left alone. */
export interface ReadNotices {
  ids: string[];
}

/** `PUT /api/notices/choices`: 204. */
export interface NoticeChoices {
  muted: NoticeKind[];
}
