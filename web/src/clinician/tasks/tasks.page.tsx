/** Tasks after visits: one's own, those given to others, those that are done. */
import { Badge, Button, Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TaskView } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending } from '../../kit/page.tsx';
import { dayKey, shortDate } from '../../kit/time.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useReader } from '../../shell/session.ts';
import classes from '../inbox/inbox.module.css';
import { DeskTabs } from '../inbox/tabs.tsx';
import { useColleagues } from '../inbox/use-colleagues.ts';
import { tasksQuery, type TaskList } from './queries.ts';

const lists = ['mine', 'given', 'done'] as const;

export function TasksPage() {
  const { t } = useTranslation('tasks');
  const [list, setList] = useState<TaskList>('mine');
  const [passing, setPassing] = useState<TaskView>();
  const tasks = useQuery(tasksQuery(list));
  return (
    <Page title={t('title')} lead={t('lead')}>
      <DeskTabs />
      <SegmentedControl
        mb="md"
        value={list}
        onChange={(value) => setList(value as TaskList)}
        aria-label={t('title')}
        data={lists.map((value) => ({ value, label: t(value) }))}
      />
      {tasks.isPending && <Pending rows={3} height={64} />}
      {tasks.isError && <Trouble error={tasks.error} retry={() => void tasks.refetch()} />}
      {tasks.data?.tasks.length === 0 && <Empty text={t('none')} />}
      <ul className={classes.lines} data-testid="tasks">
        {tasks.data?.tasks.map((task) => (
          <TaskLine key={task.id} task={task} onPass={() => setPassing(task)} />
        ))}
      </ul>
      <Dialog
        opened={passing !== undefined}
        onClose={() => setPassing(undefined)}
        title={t('reassign')}
      >
        {passing && <Reassign task={passing} onDone={() => setPassing(undefined)} />}
      </Dialog>
    </Page>
  );
}

function TaskLine({ task, onPass }: { task: TaskView; onPass: () => void }) {
  const { t } = useTranslation('tasks');
  const { zone, locale } = useReader();
  const today = dayKey(useNow(60_000), zone);
  const client = useQueryClient();
  const mark = useMutation({
    mutationFn: () =>
      api.post(`/api/tasks/${task.id}/${task.state === 'done' ? 'reopen' : 'done'}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tasks'] }),
  });
  const day = (date: string): string => shortDate(`${date}T12:00:00Z`, 'UTC', locale);
  const late = task.state === 'open' && task.due !== undefined && task.due < today;
  return (
    <li className={classes.line}>
      <span className={classes.who}>{task.text}</span>
      {task.patient && (
        <span className={classes.soft}>{t('for', { name: task.patient.name })}</span>
      )}
      {task.for === 'patient' && <Badge color="lagoon">{t('patientTask')}</Badge>}
      {task.owner && <span className={classes.soft}>{t('with', { name: task.owner.name })}</span>}
      {task.due && (
        <span className={classes.soft}>
          {late ? <b>{t('late', { date: day(task.due) })}</b> : t('due', { date: day(task.due) })}
        </span>
      )}
      {mark.error && <Trouble error={mark.error} />}
      <Group gap="xs" className={classes.push!}>
        {task.for === 'staff' && task.state === 'open' && (
          <Button size="compact-md" variant="subtle" onClick={onPass}>
            {t('reassign')}
          </Button>
        )}
        <Button
          size="compact-md"
          variant="default"
          loading={mark.isPending}
          onClick={() => mark.mutate()}
          aria-label={task.state === 'done' ? undefined : t('markDoneOf', { text: task.text })}
        >
          {t(task.state === 'done' ? 'reopen' : 'markDone')}
        </Button>
      </Group>
    </li>
  );
}

function Reassign({ task, onDone }: { task: TaskView; onDone: () => void }) {
  const { t } = useTranslation('tasks');
  const client = useQueryClient();
  const colleagues = useColleagues();
  const [owner, setOwner] = useState<string | null>(null);
  const pass = useMutation({
    mutationFn: () => api.post(`/api/tasks/${task.id}/reassign`, { owner }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['tasks'] });
      onDone();
    },
  });
  return (
    <Stack gap="md">
      <Select
        label={t('reassignTo')}
        searchable
        value={owner}
        onChange={setOwner}
        data={colleagues.filter((one) => one.value !== task.owner?.id)}
      />
      {pass.error && <Trouble error={pass.error} kept />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t('back')}
        </Button>
        <Button disabled={!owner} loading={pass.isPending} onClick={() => pass.mutate()}>
          {t('reassign')}
        </Button>
      </Group>
    </Stack>
  );
}
