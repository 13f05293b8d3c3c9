/** Time kept free by hand: a stretch of a day in which nothing can be booked, and giving it back. */
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Block, BlockRequest, CalendarActor } from '@afar/visits/contract';
import { api, asApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { addDays } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useClock } from './entry.tsx';
import { useMoment } from './move-bar.tsx';
import { atWall } from './wall.ts';
import classes from './waiting.module.css';

interface Props {
  /** Whose time the reader may keep free, with the blocks shown now. */
  actors: readonly CalendarActor[];
  /** `YYYY-MM-DD` */
  day: string;
  zone: string;
  onClose: () => void;
}

const marks = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

export function Blocks({ actors, day: first, zone, onClose }: Props) {
  const { t } = useTranslation('calendar');
  const client = useQueryClient();
  const moment = useMoment(zone);
  const clock = useClock(zone);
  const [actor, setActor] = useState(actors[0]?.id ?? '');
  const [day, setDay] = useState(first);
  const [from, setFrom] = useState('12:00');
  const [to, setTo] = useState('13:00');
  const onSuccess = () => client.invalidateQueries({ queryKey: ['calendar'] });
  const add = useMutation({
    mutationFn: () => {
      const last = to <= from ? addDays(day, 1) : day;
      const body: BlockRequest = {
        actor,
        from: new Date(atWall(day, marks(from), zone)).toISOString(),
        to: new Date(atWall(last, marks(to), zone)).toISOString(),
      };
      return api.post<Block>('/api/blocks', body);
    },
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.remove(`/api/blocks/${id}`),
    onSuccess,
  });
  const inTheWay = add.error && asApiError(add.error).status === 409;
  const shown = actors.flatMap((one) => one.blocks.map((block) => ({ ...block, of: one.name })));
  return (
    <Dialog opened onClose={onClose} title={t('blocks.title')} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (day && from && to) add.mutate();
        }}
      >
        <Stack gap="md">
          {actors.length > 1 && (
            <NativeSelect
              label={t('whose')}
              value={actor}
              data={actors.map((one) => ({ value: one.id, label: one.name }))}
              onChange={(event) => setActor(event.currentTarget.value)}
            />
          )}
          <Group grow>
            <TextInput
              type="date"
              label={t('book.day')}
              value={day}
              onChange={(event) => setDay(event.currentTarget.value)}
            />
            <TextInput
              type="time"
              label={t('blocks.from')}
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              type="time"
              label={t('blocks.to')}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          </Group>
          {inTheWay && (
            <Notice tone="warm" title={t('blocks.inTheWay')}>
              {t('blocks.moveFirst')}
            </Notice>
          )}
          {add.error && !inTheWay && <Trouble error={add.error} kept />}
          {remove.error && <Trouble error={remove.error} />}
          <Button type="submit" loading={add.isPending} data-testid="keep-free">
            {t('blocks.add')}
          </Button>
          {shown.length > 0 && (
            <ul className={classes.list}>
              {shown.map(({ id, start, end, of }) => (
                <li key={id} className={classes.entry} data-testid="block">
                  <Group justify="space-between">
                    <span>
                      {moment(Date.parse(start))} – {clock(Date.parse(end))}
                      {actors.length > 1 && <span className={classes.soft}> {of}</span>}
                    </span>
                    <Button
                      size="sm"
                      variant="subtle"
                      color="red"
                      loading={remove.isPending && remove.variables === id}
                      onClick={() => remove.mutate(id)}
                    >
                      {t('blocks.remove')}
                    </Button>
                  </Group>
                </li>
              ))}
            </ul>
          )}
        </Stack>
      </form>
    </Dialog>
  );
}
