/** What is said about surveys over HTTP: types only. */
import type { VisitMode } from './contract-schedule.ts';

export type SurveyQuestion =
  /** Whole numbers, both ends included. */
  | { id: string; text: string; kind: 'scale'; from: number; to: number }
  | { id: string; text: string; kind: 'text'; most: number };

/** `GET /api/visits/:id/survey`, for the patient: 404 before the visit has ended. */
export interface Survey {
  /** `closed`: two weeks have passed. */
  state: 'open' | 'answered' | 'skipped' | 'closed';
  questions: SurveyQuestion[];
}

/** `POST /api/visits/:id/survey`: 200 `Survey` | 409 answered, skipped or closed | 422. Any question may be left out. */
export interface SurveyAnswers {
  answers: Record<string, number | string>;
  /** No QuestionnaireResponse in her record, and nothing that leads from the answers to her. */
  anonymous: boolean;
}

/** What a group of answers says of one question; absent where fewer than five answered it. */
export interface ScoreSum {
  n: number;
  mean: number;
  /** Of 0 to 10: promoters less detractors, -100 to 100. Of other scales: share of the two best, 0 to 100. */
  score: number;
}

export interface SurveyCell {
  /** Absent: fewer than five, or what would tell of fewer than five. */
  n?: number;
  scores: Record<string, ScoreSum>;
}

/**
 * `GET /api/surveys/results`, for the office: whole weeks alone, the last 26. Cells of fewer than five answers are empty, and
 * so is the next smallest where the others and the total would give one away.
 */
export interface SurveyResults {
  questions: SurveyQuestion[];
  total: SurveyCell;
  /** `week`: its Monday, YYYY-MM-DD. Every one of them, the empty ones too. */
  weeks: (SurveyCell & { week: string })[];
  clinicians: (SurveyCell & { id: string; name: string })[];
  modes: (SurveyCell & { mode: VisitMode })[];
  /** In no order, with nobody's name; none while there are fewer than five. */
  comments: string[];
}
