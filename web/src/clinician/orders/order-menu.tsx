/** What can be ordered beside the short form: laboratory, imaging, referral, a set; and a task to give. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Orders, Template } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { GiveTask } from '../tasks/give-task.tsx';
import { templatesQuery } from '../templates/queries.ts';
import { OrderForm, type FormKind } from './order-form.tsx';

const kinds: readonly FormKind[] = ['lab', 'imaging', 'referral'];

export function OrderMenu({ visit }: { visit: string }) {
  const { t } = useTranslation('orders');
  const { t: tasks } = useTranslation('tasks');
  const [open, setOpen] = useState<FormKind | 'set' | 'task'>();
  const close = (): void => setOpen(undefined);
  const kind = kinds.find((one) => one === open);
  return (
    <>
      <Group gap="xs" role="group" aria-label={t('more')}>
        {kinds.map((one) => (
          <Button
            key={one}
            size="compact-md"
            variant="default"
            onClick={() => setOpen(one)}
            data-testid={`order-${one}`}
          >
            {t(one)}
          </Button>
        ))}
        <Button size="compact-md" variant="default" onClick={() => setOpen('set')}>
          {t('set')}
        </Button>
        <Button
          size="compact-md"
          variant="default"
          onClick={() => setOpen('task')}
          data-testid="give-task"
        >
          {tasks('give')}
        </Button>
      </Group>
      <Dialog opened={kind !== undefined} onClose={close} title={kind && t(`title.${kind}`)}>
        {kind && <OrderForm visit={visit} kind={kind} onDone={close} />}
      </Dialog>
      <Dialog opened={open === 'set'} onClose={close} title={t('setTitle')}>
        <OrderSet visit={visit} onDone={close} />
      </Dialog>
      <GiveTask visit={visit} opened={open === 'task'} onClose={close} />
    </>
  );
}

function OrderSet({ visit, onDone }: { visit: string; onDone: () => void }) {
  const { t } = useTranslation('orders');
  const client = useQueryClient();
  const { data = [] } = useQuery(templatesQuery);
  const [chosen, setChosen] = useState<Template>();
  const key = useRef(crypto.randomUUID());
  const sets = data.filter((one) => one.kind === 'orders');
  const place = useMutation({
    mutationFn: (set: Template) =>
      api.post<Orders>(
        `/api/visits/${visit}/order-set`,
        { orders: set.body.orders },
        { headers: { 'idempotency-key': key.current } },
      ),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['orders', visit] });
      onDone();
    },
  });
  const orders = chosen?.body.orders ?? [];
  return (
    <Stack gap="md">
      {sets.length === 0 && <Notice title={t('setNone')} />}
      <Group gap="xs">
        {sets.map((one) => (
          <Button
            key={one.id}
            variant={one === chosen ? 'light' : 'default'}
            aria-pressed={one === chosen}
            onClick={() => {
              key.current = crypto.randomUUID();
              setChosen(one);
            }}
          >
            {one.name}
          </Button>
        ))}
      </Group>
      {chosen && (
        <>
          <Text>{t('setText', { count: orders.length })}</Text>
          <ul>
            {orders.map((one) => (
              <li key={one.text}>{one.text}</li>
            ))}
          </ul>
        </>
      )}
      {place.error && <Trouble error={place.error} kept />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t('back')}
        </Button>
        <Button
          disabled={!chosen}
          loading={place.isPending}
          onClick={() => chosen && place.mutate(chosen)}
        >
          {t('setConfirm')}
        </Button>
      </Group>
    </Stack>
  );
}
