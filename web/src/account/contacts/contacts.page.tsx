/** How she is told of what waits: by which ways, when not, and in which browsers. */
import { ActionIcon, Checkbox, Select, Switch, Table } from '@mantine/core';
import { IconBell, IconDeviceLaptop, IconTrash } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  ContactChoices,
  Contacts,
  ContactTopic,
  ContactWay,
  Wanted,
} from '@afar/access/contract';
import { api } from '../../kit/api.ts';
import { Page, Pending } from '../../kit/page.tsx';
import { clockTime } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { When } from '../../kit/when.tsx';
import { useReader } from '../../shell/session.ts';
import { browserOf } from '../browser-name.ts';
import { Card } from '../card.tsx';
import classes from '../account.module.css';
import { NoPushService, pushState, turnOff, turnOn } from './push.ts';

const nameOf = (agent: string): string => {
  const found = browserOf(agent);
  return found ? `${found.browser}, ${found.system}` : agent.slice(0, 40);
};

const contactsQuery = queryOptions({
  queryKey: ['contacts'],
  queryFn: ({ signal }) => api.get<Contacts>('/api/contacts', { signal }),
});

export function ContactsPage() {
  const { t } = useTranslation('notifications');
  const contacts = useQuery(contactsQuery);
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      width="narrow"
      back={{ to: '/account', label: t('back') }}
    >
      {contacts.isPending && <Pending rows={3} height={140} />}
      {contacts.isError && <Trouble error={contacts.error} retry={() => void contacts.refetch()} />}
      {contacts.data && (
        <div className={classes.cards}>
          <Ways contacts={contacts.data} />
          <Push contacts={contacts.data} />
          <Quiet contacts={contacts.data} />
        </div>
      )}
    </Page>
  );
}

function useChoose(contacts: Contacts) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<ContactChoices>) =>
      api.put('/api/contacts', {
        wanted: contacts.wanted,
        quiet: contacts.quiet ?? null,
        ...change,
      } satisfies ContactChoices),
    onMutate: ({ wanted, quiet }) =>
      client.setQueryData(contactsQuery.queryKey, (before) => {
        if (!before) return before;
        const { quiet: old, ...rest } = before;
        const hours = quiet === undefined ? old : (quiet ?? undefined);
        return { ...rest, ...(wanted && { wanted }), ...(hours && { quiet: hours }) };
      }),
    onSettled: () => client.invalidateQueries({ queryKey: contactsQuery.queryKey }),
  });
}

const topics: ContactTopic[] = ['visits', 'messages', 'surveys', 'notices'];
const allWays: ContactWay[] = ['mail', 'sms', 'push'];

function Ways({ contacts }: { contacts: Contacts }) {
  const { t } = useTranslation('notifications');
  const choosing = useChoose(contacts);
  const { wanted, possible } = contacts;
  const ways = allWays.filter((way) => possible.some((one) => one.endsWith(`:${way}`)));
  const shown = topics.filter((topic) => possible.some((one) => one.startsWith(`${topic}:`)));
  return (
    <Card title={t('ways.title')} lead={t('ways.lead')}>
      {choosing.error && <Trouble error={choosing.error} />}
      {ways.length === 0 ? (
        <Notice title={t('ways.none')} />
      ) : (
        <Table mt="md" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('ways.what')}</Table.Th>
              {ways.map((way) => (
                <Table.Th key={way}>{t(`way.${way}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((topic) => (
              <Table.Tr key={topic}>
                <Table.Th scope="row">{t(`topic.${topic}`)}</Table.Th>
                {ways.map((way) => {
                  const one = `${topic}:${way}` as Wanted;
                  if (!possible.includes(one)) return <Table.Td key={way}>–</Table.Td>;
                  return (
                    <Table.Td key={way}>
                      <Checkbox
                        aria-label={t('ways.by', {
                          topic: t(`topic.${topic}`),
                          way: t(`way.${way}`),
                        })}
                        checked={wanted.includes(one)}
                        onChange={(event) =>
                          choosing.mutate({
                            wanted: event.currentTarget.checked
                              ? [...wanted, one]
                              : wanted.filter((other) => other !== one),
                          })
                        }
                        data-testid={`want-${topic}-${way}`}
                      />
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Push({ contacts }: { contacts: Contacts }) {
  const { t } = useTranslation('notifications');
  const client = useQueryClient();
  const { devices, pushKey } = contacts;
  const state = useQuery({
    queryKey: ['contacts', 'push', devices.map((one) => one.id)],
    staleTime: 0,
    queryFn: () => pushState(devices),
  });
  const again = () => client.invalidateQueries({ queryKey: contactsQuery.queryKey });
  const turning = useMutation({
    mutationFn: async (on: boolean) => {
      if (on && pushKey !== undefined) await turnOn(pushKey);
      else await turnOff(devices);
    },
    onSettled: again,
  });
  const removing = useMutation({
    mutationFn: (id: string) => api.remove(`/api/contacts/devices/${id}`),
    onSettled: again,
  });
  if (pushKey === undefined) return null;
  return (
    <Card title={t('push.title')} lead={t('push.lead')}>
      <div data-testid="push-state" data-state={state.data}>
        {(state.data === 'unsupported' || state.data === 'denied') && (
          <Notice title={t(`push.${state.data}.title`)} icon={IconBell}>
            {t(`push.${state.data}.text`)}
          </Notice>
        )}
        {(state.data === 'on' || state.data === 'off') && (
          <Switch
            mt="md"
            size="md"
            label={t('push.here')}
            checked={state.data === 'on'}
            disabled={turning.isPending}
            onChange={(event) => turning.mutate(event.currentTarget.checked)}
          />
        )}
        {turning.error instanceof NoPushService && (
          <Notice tone="bad" title={t('push.noService.title')}>
            {t('push.noService.text')}
          </Notice>
        )}
        {turning.error && !(turning.error instanceof NoPushService) && (
          <Trouble error={turning.error} />
        )}
      </div>
      {removing.error && <Trouble error={removing.error} />}
      {devices.length > 0 && (
        <ul className={classes.list}>
          {devices.map((one) => (
            <li key={one.id} className={classes.row}>
              <IconDeviceLaptop className={classes.icon} aria-hidden="true" />
              <div>
                <p className={classes.rowName}>
                  {nameOf(one.browser)} {one.current && t('push.current')}
                </p>
                <p className={classes.soft}>
                  <When at={one.used ?? one.created} />
                </p>
              </div>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={40}
                aria-label={t('push.remove', { name: nameOf(one.browser) })}
                onClick={() => removing.mutate(one.id)}
              >
                <IconTrash size={20} aria-hidden="true" />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

const hours = Array.from({ length: 48 }, (_, half) => half * 30);

function Quiet({ contacts }: { contacts: Contacts }) {
  const { t } = useTranslation('notifications');
  const { locale } = useReader();
  const choosing = useChoose(contacts);
  const { quiet } = contacts;
  const [kept, setKept] = useState(quiet ?? { from: 21 * 60, to: 8 * 60 });
  const choose = (next: { from: number; to: number }): void => {
    setKept(next);
    choosing.mutate({ quiet: next });
  };
  const times = (own: number) =>
    [...new Set([...hours, own])]
      .toSorted((a, b) => a - b)
      .map((value) => ({ value: String(value), label: clockTime(value * 60_000, 'UTC', locale) }));
  return (
    <Card title={t('quiet.title')} lead={t('quiet.lead')}>
      {choosing.error && <Trouble error={choosing.error} />}
      <Switch
        mt="md"
        size="md"
        label={t('quiet.on')}
        checked={quiet !== undefined}
        onChange={(event) => choosing.mutate({ quiet: event.currentTarget.checked ? kept : null })}
        data-testid="quiet"
      />
      {quiet && (
        <div className={classes.pair}>
          {(['from', 'to'] as const).map((end) => (
            <Select
              key={end}
              label={t(`quiet.${end}`)}
              size="md"
              allowDeselect={false}
              value={String(quiet[end])}
              data={times(quiet[end])}
              onChange={(value) => value && choose({ ...quiet, [end]: Number(value) })}
            />
          ))}
        </div>
      )}
    </Card>
  );
}
