/** What the clinic has to share: rooms, interpreters, and the days on which all of it is closed. */
import { Badge, Button, Group, Text, TextInput } from '@mantine/core';
import { IconBuildingHospital, IconLanguage, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClinicClosure, ClosureRequest, Resource, ResourceKind } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending, Section } from '../../kit/page.tsx';
import { addDays } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useMe, useReader } from '../../shell/session.ts';
import rows from '../../office/list.module.css';
import { closuresQuery } from '../hours/preview.tsx';
import { resourcesQuery } from '../queries.ts';
import { todayIn } from '../shown.ts';
import { CalendarTabs } from '../tabs.tsx';
import { ResourceForm } from './resource-form.tsx';
import classes from './resources.module.css';

export function ResourcesPage() {
  const { t } = useTranslation('hours');
  const { locale } = useReader();
  const office = useMe().role === 'administrator';
  const list = useQuery(resourcesQuery);
  const [editing, setEditing] = useState<Resource | ResourceKind>();
  const languages = new Intl.DisplayNames(locale, { type: 'language' });
  const spoken = (one: Resource): string =>
    one.languages.map((tag) => languages.of(tag) ?? tag).join(', ');
  return (
    <Page
      title={t('resources.title')}
      lead={t('resources.lead')}
      actions={
        office && (
          <Group gap="sm">
            <Button
              variant="default"
              leftSection={<IconPlus size={18} aria-hidden="true" />}
              onClick={() => setEditing('room')}
            >
              {t('resources.addRoom')}
            </Button>
            <Button
              variant="default"
              leftSection={<IconPlus size={18} aria-hidden="true" />}
              onClick={() => setEditing('interpreter')}
            >
              {t('resources.addInterpreter')}
            </Button>
          </Group>
        )
      }
    >
      <CalendarTabs />
      {list.isPending && <Pending rows={3} height={72} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data?.length === 0 && <Empty text={t('resources.none')} />}
      {list.data && list.data.length > 0 && (
        <ul className={rows.list}>
          {list.data.map((one) => (
            <li key={one.id} className={classes.row} data-testid="resource">
              {one.kind === 'room' ? (
                <IconBuildingHospital size={22} aria-hidden="true" />
              ) : (
                <IconLanguage size={22} aria-hidden="true" />
              )}
              <span className={classes.words}>
                <span className={classes.name}>{one.name}</span>
                <span className={classes.soft}>
                  {[
                    t(`resources.${one.kind}`),
                    t('resources.atOnce', { count: one.capacity }),
                    spoken(one),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </span>
              {!one.active && <Badge color="gray">{t('resources.off')}</Badge>}
              {office && (
                <Button
                  variant="subtle"
                  aria-label={t('resources.editOne', { name: one.name })}
                  onClick={() => setEditing(one)}
                >
                  {t('resources.edit')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <ClinicClosures office={office} />
      {editing && (
        <Dialog
          opened
          onClose={() => setEditing(undefined)}
          title={
            typeof editing === 'string'
              ? t(editing === 'room' ? 'resources.addRoom' : 'resources.addInterpreter')
              : editing.name
          }
          size="xl"
        >
          <ResourceForm resource={editing} onDone={() => setEditing(undefined)} />
        </Dialog>
      )}
    </Page>
  );
}

function ClinicClosures({ office }: { office: boolean }) {
  const { t } = useTranslation('hours');
  const { zone, locale } = useReader();
  const client = useQueryClient();
  const list = useQuery(closuresQuery);
  const [asked, setAsked] = useState<ClosureRequest>(() => {
    const tomorrow = addDays(todayIn(Date.now(), zone), 1);
    return { from: tomorrow, to: tomorrow, label: '' };
  });
  const onSuccess = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: closuresQuery.queryKey }),
      client.invalidateQueries({ queryKey: ['calendar'] }),
    ]);
  const add = useMutation({
    mutationFn: (body: ClosureRequest) => api.post<ClinicClosure>('/api/closures', body),
    onSuccess: () => {
      setAsked({ ...asked, label: '' });
      return onSuccess();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.remove(`/api/closures/${id}`),
    onSuccess,
  });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const range = ({ from, to }: ClinicClosure): string =>
    day.formatRange(new Date(from), new Date(to));
  const inTheWay = add.data?.appointments ?? 0;
  return (
    <Section title={t('clinic.title')}>
      <Text c="dimmed" mb="md">
        {t('clinic.lead')}
      </Text>
      {list.isPending && <Pending rows={1} height={56} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data?.length === 0 && <Text mb="md">{t('clinic.none')}</Text>}
      {list.data && list.data.length > 0 && (
        <ul className={rows.list}>
          {list.data.map((one) => (
            <li key={one.id} className={classes.row} data-testid="closure">
              <span className={classes.words}>
                <span className={classes.name}>{one.label}</span>
                <span className={classes.soft}>{range(one)}</span>
              </span>
              {one.appointments > 0 && (
                <Badge color="ember">{t('clinic.inTheWay', { count: one.appointments })}</Badge>
              )}
              {office && (
                <Button
                  variant="subtle"
                  color="red"
                  loading={remove.isPending && remove.variables === one.id}
                  aria-label={t('clinic.removeOne', { name: one.label })}
                  onClick={() => remove.mutate(one.id)}
                >
                  {t('clinic.remove')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {remove.error && <Trouble error={remove.error} />}
      {inTheWay > 0 && (
        <div className={classes.inTheWay}>
          <Notice tone="warm" title={t('clinic.inTheWay', { count: inTheWay })}>
            {t('clinic.moveThem')}
          </Notice>
        </div>
      )}
      {office && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate({ ...asked, label: asked.label.trim() });
          }}
        >
          {add.error && <Trouble error={add.error} kept />}
          <Group align="flex-end" mt="md">
            <TextInput
              type="date"
              label={t('closedFrom')}
              value={asked.from}
              onChange={(event) => {
                const from = event.currentTarget.value;
                setAsked({ ...asked, from, to: asked.to < from ? from : asked.to });
              }}
            />
            <TextInput
              type="date"
              label={t('closedTo')}
              value={asked.to}
              min={asked.from}
              onChange={(event) => setAsked({ ...asked, to: event.currentTarget.value })}
            />
            <TextInput
              className={classes.label}
              label={t('clinic.label')}
              maxLength={60}
              required
              withAsterisk={false}
              value={asked.label}
              onChange={(event) => setAsked({ ...asked, label: event.currentTarget.value })}
            />
            <Button type="submit" loading={add.isPending} disabled={!asked.label.trim()}>
              {t('clinic.add')}
            </Button>
          </Group>
        </form>
      )}
    </Section>
  );
}
