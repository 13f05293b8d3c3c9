/** Orders of a visit: what was asked for, and a short form for the next one. */
import { Button, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconPlus } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { OrderRequest, OrderView } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { addDays, dayKey } from '../kit/time.ts';
import { Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import classes from './note.module.css';
import { OrderLine } from './orders/order-line.tsx';
import { OrderMenu } from './orders/order-menu.tsx';
import { ordersQuery } from './queries.ts';
import rows from './chart.module.css';

const kinds = ['follow-up', 'appointment', 'task'] as const;
const weeks = [1, 2, 4, 6, 12];

export function OrderList({ visit, mayOrder }: { visit: string; mayOrder: boolean }) {
  const { t } = useTranslation('clinician');
  const orders = useQuery(ordersQuery(visit));
  return (
    <section className={classes.note} aria-labelledby="orders-title">
      <h2 id="orders-title" className={classes.title}>
        {t('orders.title')}
      </h2>
      {orders.isPending && <Pending rows={1} height={44} />}
      {orders.isError && <Trouble error={orders.error} retry={() => void orders.refetch()} />}
      {orders.data?.orders.length === 0 && <p className={rows.soft}>{t('orders.none')}</p>}
      <ul className={rows.lines} data-testid="orders">
        {orders.data?.orders.map((order) => (
          <OrderLine key={order.reference} visit={visit} order={order} mayChange={mayOrder} />
        ))}
      </ul>
      {mayOrder && <OrderMenu visit={visit} />}
      {mayOrder && <NewOrder visit={visit} />}
    </section>
  );
}

function NewOrder({ visit }: { visit: string }) {
  const { t } = useTranslation('clinician');
  const { zone } = useReader();
  const now = useNow(60_000);
  const client = useQueryClient();
  // One key for each filled form: pressing twice, or again after a failure, orders once.
  const key = useRef(crypto.randomUUID());
  const form = useForm({
    initialValues: {
      text: '',
      kind: 'follow-up' as OrderRequest['kind'],
      weeks: '2',
      priority: 'routine',
    },
    validate: { text: (value) => (value.trim() ? null : t('orders.needText')) },
  });
  const order = useMutation({
    mutationFn: (body: OrderRequest) =>
      api.post<OrderView>(`/api/visits/${visit}/orders`, body, {
        headers: { 'idempotency-key': key.current },
      }),
    onSuccess: () => {
      key.current = crypto.randomUUID();
      form.reset();
      void client.invalidateQueries({ queryKey: ['orders', visit] });
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ text, kind, weeks: inWeeks, priority }) =>
        order.mutate({
          text: text.trim(),
          kind,
          due: addDays(dayKey(now, zone), Number(inWeeks) * 7),
          priority: priority as 'routine' | 'urgent',
        }),
      )}
    >
      <TextInput
        label={t('orders.text')}
        placeholder={t('orders.example')}
        maxLength={500}
        data-testid="order-text"
        {...form.getInputProps('text')}
      />
      <Group gap="sm" mt="sm" align="flex-end" grow preventGrowOverflow={false}>
        <Select
          label={t('orders.kind')}
          allowDeselect={false}
          data={kinds.map((value) => ({ value, label: t(`orders.${value}`) }))}
          {...form.getInputProps('kind')}
        />
        <Select
          label={t('orders.when')}
          allowDeselect={false}
          data={weeks.map((count) => ({
            value: String(count),
            label: t('orders.weeks', { count }),
          }))}
          {...form.getInputProps('weeks')}
        />
        <Select
          label={t('orders.priority')}
          allowDeselect={false}
          data={(['routine', 'urgent'] as const).map((value) => ({
            value,
            label: t(`orders.${value}`),
          }))}
          {...form.getInputProps('priority')}
        />
      </Group>
      {order.error && <Trouble error={order.error} kept />}
      <Button
        type="submit"
        variant="light"
        mt="md"
        loading={order.isPending}
        leftSection={<IconPlus size={18} aria-hidden="true" />}
        data-testid="order-submit"
      >
        {t('orders.submit')}
      </Button>
    </form>
  );
}
