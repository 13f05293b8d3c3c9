/** What the web app and the break-glass routes say to each other: types only. */

/** Kinds of emergency a chart may be opened for. */
export type EmergencyReason = 'unconscious' | 'accident' | 'acute' | 'disaster' | 'other';

/** POST /api/break-glass/find: an identifier, or name and whole date of birth. */
export interface EmergencyFind {
  /** `value` or `system|value`, exactly. */
  identifier?: string;
  name?: string;
  /** YYYY-MM-DD */
  birthDate?: string;
}

/** As little as tells two people apart. */
export interface EmergencyFound {
  patients: { id: string; name: string; birthYear?: number; sex?: string }[];
  /** There are more: ask more exactly. */
  more: boolean;
}

/** POST /api/break-glass */
export interface OpenGlass {
  patient: string;
  reason: EmergencyReason;
  /** Why, in her own words; sealed. */
  text: string;
}

export interface OpenedGlass {
  id: string;
  patient: string;
  /** ISO instants. */
  starts: string;
  ends: string;
}

/** GET /api/break-glass/:id/summary: what matters in the first minutes. */
export interface EmergencySummary extends OpenedGlass {
  name: string;
  birthDate?: string;
  sex?: string;
  allergies: SummaryLine[];
  conditions: SummaryLine[];
  medications: SummaryLine[];
  devices: SummaryLine[];
  directives: SummaryLine[];
  contacts: { name: string; relation?: string; phone?: string }[];
}

export interface SummaryLine {
  text: string;
  detail?: string;
  /** True for what can kill: severe allergies. */
  grave?: boolean;
}

/** GET /api/break-glass: for the privacy officer, newest first. */
export interface GlassRow extends OpenedGlass {
  account: string;
  /** Of the member of staff. */
  name: string;
  role: string;
  reason: EmergencyReason;
  text: string;
  ended?: string;
  /** How often this person opened a chart so in the 30 days up to this. */
  times: number;
  decision?: 'accepted' | 'questioned';
  question?: string;
}

/** POST /api/break-glass/:id/review */
export interface ReviewGlass {
  decision: 'accepted' | 'questioned';
  /** What she asks; needed to question. */
  text?: string;
}
