/** A visit's survey, and what all of them say. */
import { queryOptions } from '@tanstack/react-query';
import type { Survey, SurveyResults } from '@afar/visits/contract';
import { api } from '../kit/api.ts';

export const surveyKey = (visit: string) => ['survey', visit] as const;

export const surveyQuery = (visit: string) =>
  queryOptions({
    queryKey: surveyKey(visit),
    queryFn: ({ signal }) => api.get<Survey>(`/api/visits/${visit}/survey`, { signal }),
  });

export const resultsQuery = queryOptions({
  queryKey: ['survey', 'results'],
  queryFn: ({ signal }) => api.get<SurveyResults>('/api/surveys/results', { signal }),
});
