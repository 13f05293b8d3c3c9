/** How long a summary is still waited for: after that, "it follows" would be a promise nobody keeps. */
import { type Instant, toMs } from '../kit/time.ts';

// 14 days: notes are signed within days, or not at all.
const patience = 14 * 86_400_000;

export const summaryMayCome = (end: Instant, now: number): boolean => now - toMs(end) < patience;
