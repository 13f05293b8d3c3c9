/** How connections were, for who runs the clinic: counts by day and by kind of visit, no patients. Types only. */

/**
 * `GET /api/visits-quality?days=` (administrator) -> 200. The last `days` whole UTC days (1 to 366, 30 by default) and today. Days without an ended
 * visit are left out.
 */
export interface QualityByDay {
  from: string;
  to: string;
  total: QualityCell;
  days: (QualityCell & { day: string })[];
  /** As held: `video`, `audio`, `chat`, `in-person`, `phone`. */
  modes: (QualityCell & { mode: string })[];
}

export interface QualityCell {
  visits: number;
  good: number;
  fair: number;
  poor: number;
  /** Nobody measured: in person, by phone from the start, or the browsers sent nothing. */
  unknown: number;
  /** Booked by video, and voice alone at least for a while. */
  toAudio: number;
  /** Booked otherwise, and held by phone. */
  toPhone: number;
  /** Means over measured visits; absent without any. */
  rttMs?: number;
  /** 0..1. */
  loss?: number;
  concealed?: number;
}
