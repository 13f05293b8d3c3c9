/** Handing out one presented prescription: how often it may be, what she handed out, and the dialog that records it. */
import { Button, Group, NumberInput, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Dispensed, DispenseRequest, DispenseState } from '@afar/sharing/contract';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import classes from './home.module.css';

export function HandOut({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation('cosign');
  const [asking, { open, close }] = useDisclosure(false);
  const state = useQuery({
    queryKey: ['prescriptions', id],
    queryFn: ({ signal }) => api.get<DispenseState>(`/api/prescriptions/${id}`, { signal }),
  });
  if (state.isError) return <Trouble error={state.error} retry={() => void state.refetch()} />;
  if (!state.data) return null;
  const { allowed, done, bar, own } = state.data;
  return (
    <>
      <div className={classes.rowWho}>
        <span className={classes.soft}>{t('rx.times', { done, count: allowed })}</span>
        {own.map((one) => (
          <span key={one.id} className={classes.soft}>
            {t('rx.own', { much: one.quantity ? much(one.quantity) : '' })} <When at={one.at} />
          </span>
        ))}
      </div>
      {bar ? (
        <Text c="dimmed">{t(`rx.bar.${bar}`)}</Text>
      ) : (
        <Button onClick={open}>{t('rx.hand')}</Button>
      )}
      <Dialog opened={asking} onClose={close} title={t('rx.handTitle', { name })}>
        {asking && <HandForm state={state.data} onDone={close} />}
      </Dialog>
    </>
  );
}

const much = ({ value, unit }: { value: number; unit?: string }): string =>
  unit ? `${value} ${unit}` : String(value);

function HandForm({ state, onDone }: { state: DispenseState; onDone: () => void }) {
  const { t } = useTranslation('cosign');
  const client = useQueryClient();
  const { prescription, quantity: asked } = state;
  const [value, setValue] = useState<number | string>(asked?.value ?? '');
  const [note, setNote] = useState('');
  // One dialog is one deed, however often the network makes her press.
  const [key] = useState(() => crypto.randomUUID());
  const hand = useMutation({
    mutationFn: (body: DispenseRequest) =>
      api.post<Dispensed>(`/api/prescriptions/${prescription}/dispense`, body, {
        headers: { 'idempotency-key': key },
      }),
    onSuccess: (done) => {
      client.setQueryData(['prescriptions', prescription], done.state);
      onDone();
    },
  });
  const amount = Number(value);
  const right = value !== '' && amount > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const unit = asked?.unit;
        if (right)
          hand.mutate({
            quantity: { value: amount, ...(unit && { unit }) },
            ...(note.trim() && { note: note.trim() }),
          });
      }}
    >
      <NumberInput
        label={t('rx.much')}
        suffix={asked?.unit ? ` ${asked.unit}` : ''}
        min={0}
        {...(asked && { max: asked.value })}
        value={value}
        onChange={setValue}
        data-autofocus
      />
      <Textarea
        mt="md"
        label={t('rx.note')}
        description={t('rx.noteHint')}
        maxLength={500}
        autosize
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {hand.error && <Trouble error={hand.error} kept />}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onDone}>
          {t('notNow')}
        </Button>
        <Button type="submit" disabled={!right} loading={hand.isPending} data-testid="hand-out">
          {t('rx.hand')}
        </Button>
      </Group>
    </form>
  );
}
