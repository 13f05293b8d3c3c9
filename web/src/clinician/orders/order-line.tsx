/** One order of a visit: what, for whom, how it stands; cancelled with a reason, answered on paper. */
import { Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { OrderView } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { shortDate } from '../../kit/time.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import rows from '../chart.module.css';
import { RecordResult } from './record-result.tsx';

const statusColour = {
  open: 'lagoon',
  'on-hold': 'gray',
  done: 'gray',
  cancelled: 'gray',
} as const;

interface Props {
  visit: string;
  order: OrderView;
  mayChange: boolean;
}

export function OrderLine({ visit, order, mayChange }: Props) {
  const { t } = useTranslation('orders');
  const { locale } = useReader();
  const [cancelling, cancel] = useDisclosure(false);
  const [writing, write] = useDisclosure(false);
  const watched = ['lab', 'imaging', 'referral'].includes(order.kind);
  const open = order.status === 'open' || order.status === 'on-hold';
  return (
    <li>
      <b>{order.text}</b>
      <Badge color={order.priority === 'routine' ? 'gray' : 'brick'}>
        {t(order.priority === 'routine' ? order.kind : order.priority)}
      </Badge>
      {order.status !== 'open' && (
        <Badge color={statusColour[order.status]}>{t(`status.${order.status}`)}</Badge>
      )}
      <span className={rows.date}>
        {[
          order.target?.name,
          order.due && shortDate(`${order.due.slice(0, 10)}T12:00:00Z`, 'UTC', locale),
          order.cancelled,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      {mayChange && open && (
        <Group gap="xs">
          {watched && (
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={write.open}
              aria-label={t('resultOf', { text: order.text })}
            >
              {t('result')}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            color="brick"
            onClick={cancel.open}
            aria-label={t('cancelOf', { text: order.text })}
          >
            {t('cancel')}
          </Button>
        </Group>
      )}
      <Dialog opened={cancelling} onClose={cancel.close} title={t('cancelTitle')}>
        <Cancel visit={visit} order={order} onDone={cancel.close} />
      </Dialog>
      <Dialog
        opened={writing}
        onClose={write.close}
        size="lg"
        title={t('record.title', { text: order.text })}
      >
        <RecordResult visit={visit} order={order} onDone={write.close} />
      </Dialog>
    </li>
  );
}

function Cancel({ visit, order, onDone }: Omit<Props, 'mayChange'> & { onDone: () => void }) {
  const { t } = useTranslation('orders');
  const client = useQueryClient();
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim() ? null : t('cancelNeed')) },
  });
  const cancel = useMutation({
    mutationFn: ({ reason }: { reason: string }) =>
      api.post<OrderView>(`/api/visits/${visit}/orders/${order.reference.split('/')[1]}/cancel`, {
        reason: reason.trim(),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['orders', visit] });
      onDone();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => cancel.mutate(values))}>
      <Stack gap="md">
        <Text>{t('cancelText')}</Text>
        <TextInput
          label={t('cancelReason')}
          description={t('cancelHelp')}
          maxLength={500}
          {...form.getInputProps('reason')}
        />
        {cancel.error && <Trouble error={cancel.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('back')}
          </Button>
          <Button type="submit" color="brick" loading={cancel.isPending}>
            {t('cancelConfirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
