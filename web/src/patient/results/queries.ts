/** A patient's orders, results and tasks, or those of whom she acts for. */
import { queryOptions } from '@tanstack/react-query';
import type { MyResults, Tasks } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';

const of = (patient: string | undefined): string => (patient ? `?patient=${patient}` : '');

export const myResultsQuery = (patient: string | undefined) =>
  queryOptions({
    queryKey: ['my-results', patient],
    queryFn: ({ signal }) => api.get<MyResults>(`/api/my-results${of(patient)}`, { signal }),
  });

export const myTasksQuery = (patient: string | undefined) =>
  queryOptions({
    queryKey: ['my-tasks', patient],
    queryFn: ({ signal }) => api.get<Tasks>(`/api/tasks${of(patient)}`, { signal }),
  });
