/** Her dependants: whom she stands for, until when, another one, and the end of it. */
import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCalendarEvent, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Dependant, DependantInput } from '@afar/enrolment/contract';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { DependantForm } from '../register/dependant-form.tsx';
import { meQuery, useMe, useReader } from '../shell/session.ts';
import { dependantsQuery, useSubject } from './subject.ts';
import classes from './subject.module.css';

export function FamilyPage() {
  const { t } = useTranslation(['family', 'booking']);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { locale } = useReader();
  const me = useMe();
  const { choose, dependant: chosen } = useSubject();
  const [adding, add] = useDisclosure(false);
  const [ending, setEnding] = useState<Dependant>();
  const list = useQuery(dependantsQuery);
  const again = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: meQuery.queryKey }),
      client.invalidateQueries({ queryKey: dependantsQuery.queryKey }),
    ]);
  const adder = useMutation({
    mutationFn: (one: DependantInput) => api.post('/api/dependants', one),
    onSuccess: async () => {
      await again();
      add.close();
    },
  });
  const ender = useMutation({
    mutationFn: (one: Dependant) => api.post(`/api/dependants/${one.related}/end`),
    onSuccess: async (_, one) => {
      if (chosen?.patient === one.patient) choose(undefined);
      setEnding(undefined);
      await again();
    },
  });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const dependants = list.data?.dependants ?? [];
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      width="narrow"
      back={{ to: '/patient', label: t('back') }}
      actions={
        !adding && (
          <Group gap="sm">
            {dependants.length > 0 && (
              <Button
                variant="default"
                leftSection={<IconCalendarEvent size={20} aria-hidden="true" />}
                renderRoot={(props) => <Link to="/patient/family/visits" {...props} />}
              >
                {t('booking:family.open')}
              </Button>
            )}
            <Button
              leftSection={<IconUserPlus size={20} aria-hidden="true" />}
              disabled={dependants.length >= 8}
              onClick={add.open}
            >
              {t('add')}
            </Button>
          </Group>
        )
      }
    >
      {list.isPending && <Pending rows={2} height={84} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && dependants.length === 0 && !adding && <Empty text={t('none')} />}
      <ul className={classes.list}>
        {dependants.map((one) => (
          <li key={one.related} className={classes.one}>
            <span className={classes.words}>
              <span className={classes.name}>{one.name}</span>
              <span className={classes.quiet}>
                {t(`relations.${one.relation}`)}
                {one.birthDate && ` · ${day.format(new Date(one.birthDate))}`}
              </span>
              {one.ends !== undefined && (
                <span className={classes.quiet}>
                  {t('until', { day: day.format(one.ends), age: list.data!.majority })}
                </span>
              )}
            </span>
            <Group gap="xs">
              <Button
                variant="default"
                onClick={() => {
                  choose(one.patient);
                  void navigate({ to: '/patient' });
                }}
              >
                {t('open')}
              </Button>
              <Button variant="subtle" color="red" onClick={() => setEnding(one)}>
                {t('end')}
              </Button>
            </Group>
          </li>
        ))}
      </ul>
      {adding && (
        <>
          {adder.error && <Trouble error={adder.error} kept />}
          <DependantForm
            family={me.name.split(' ').at(-1) ?? ''}
            majority={list.data?.majority ?? 18}
            pending={adder.isPending}
            onAdd={(one) => adder.mutate(one)}
            onCancel={add.close}
          />
        </>
      )}
      <Dialog
        opened={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title={t('ending.title')}
      >
        <Text mb="md">{t('ending.text', { name: ending?.name ?? '' })}</Text>
        {ender.error && <Trouble error={ender.error} />}
        <Group mt="md">
          <Button
            color="red"
            loading={ender.isPending}
            onClick={() => ending && ender.mutate(ending)}
          >
            {t('ending.yes')}
          </Button>
          <Button variant="default" onClick={() => setEnding(undefined)}>
            {t('ending.no')}
          </Button>
        </Group>
      </Dialog>
    </Page>
  );
}
