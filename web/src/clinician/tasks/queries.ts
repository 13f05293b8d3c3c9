/** Tasks as the clinician asks for them. */
import { queryOptions } from '@tanstack/react-query';
import type { Tasks } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';

export type TaskList = 'mine' | 'given' | 'done';

export const tasksQuery = (list: TaskList) =>
  queryOptions({
    queryKey: ['tasks', list],
    refetchInterval: 60_000,
    queryFn: ({ signal }) =>
      api.get<Tasks>(`/api/tasks?${list === 'done' ? 'state=done' : `of=${list}`}`, { signal }),
  });
