/** When somebody can be booked: the week, days that differ, how visits are made of it; shown as it will be before it is saved. */
import { Button, Group, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Practitioner } from '@medplum/fhirtypes';
import type { ScheduleRule } from '@afar/visits/contract';
import { personName } from '../../clinician/person-name.ts';
import { api, asApiError } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { searchFhir } from '../../kit/fhir.ts';
import { Page, Pending } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useMe, useReader } from '../../shell/session.ts';
import { todayIn } from '../shown.ts';
import { CalendarTabs } from '../tabs.tsx';
import classes from './hours.module.css';
import { Preview } from './preview.tsx';
import { RuleFields } from './rule-fields.tsx';
import { Closures, Exceptions } from './special-days.tsx';
import { WeekHours } from './week-hours.tsx';

const zones = (own: string): string[] =>
  [...new Set([own, ...Intl.supportedValuesOf('timeZone'), 'UTC'])].toSorted();

/** A usual week to begin with, in the keeper's own zone. */
const usual = (clinician: string, zone: string): ScheduleRule => ({
  clinician,
  zone,
  slotMinutes: 20,
  bufferBefore: 0,
  bufferAfter: 10,
  capacity: 1,
  noticeMinutes: 120,
  horizonDays: 60,
  modes: ['video', 'audio'],
  hours: ([1, 2, 3, 4, 5] as const).map((day) => ({ day, start: '09:00', end: '17:00' })),
  exceptions: [],
  closures: [],
  active: true,
});

export function HoursPage() {
  const { t } = useTranslation('hours');
  const me = useMe();
  const { zone } = useReader();
  const navigate = useNavigate();
  const { clinicianId } = useParams({ strict: false });
  const office = me.role === 'administrator';
  // Whoever is in the directory can be given hours, those who have none yet too.
  const everybody = useQuery({
    queryKey: ['practitioners'],
    enabled: office,
    queryFn: ({ signal }) =>
      searchFhir<Practitioner>('Practitioner', { _count: '200', _sort: 'family' }, signal),
  });
  const clinicians = (everybody.data ?? [])
    .filter((one) => one.active !== false)
    .map((one) => ({ id: one.id!, name: personName(one.name) || one.id! }));
  const whose = clinicianId ?? (office ? clinicians[0]?.id : me.fhirUser?.id);
  const rule = useQuery({
    queryKey: ['schedule', whose],
    enabled: whose !== undefined,
    // What is being written must not be replaced behind the writer's back.
    staleTime: Infinity,
    queryFn: async ({ signal }): Promise<ScheduleRule | null> => {
      try {
        return await api.get<ScheduleRule>(`/api/schedules/${whose}`, { signal });
      } catch (error) {
        if (asApiError(error).status === 404) return null;
        throw error;
      }
    },
  });
  const pending = rule.isPending && (whose !== undefined || everybody.isPending);
  return (
    <Page title={t('title')} lead={t('lead')} width="wide">
      <CalendarTabs />
      {office && clinicians.length > 0 && (
        <Select
          label={t('whose')}
          mb="lg"
          maw={320}
          searchable
          data={clinicians.map((one) => ({ value: one.id, label: one.name }))}
          value={whose ?? null}
          allowDeselect={false}
          onChange={(next) =>
            next &&
            void navigate({ to: '/calendar/hours/$clinicianId', params: { clinicianId: next } })
          }
        />
      )}
      {pending && <Pending rows={3} height={160} />}
      {(rule.isError || everybody.isError) && (
        <Trouble
          error={rule.error ?? everybody.error}
          retry={() => void Promise.all([rule.refetch(), office && everybody.refetch()])}
        />
      )}
      {!pending && whose === undefined && !everybody.isError && <Empty text={t('nobody')} />}
      {whose !== undefined && rule.isSuccess && (
        <Editor key={whose} rule={rule.data ?? usual(whose, zone)} fresh={rule.data === null} />
      )}
    </Page>
  );
}

function Editor({ rule: saved, fresh }: { rule: ScheduleRule; fresh: boolean }) {
  const { t } = useTranslation('hours');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const now = useNow(60_000);
  const [rule, setRule] = useState(saved);
  const [base, setBase] = useState(saved);
  const dirty = JSON.stringify(rule) !== JSON.stringify(base);
  const change = (next: Partial<ScheduleRule>): void => setRule({ ...rule, ...next });
  const today = todayIn(now, rule.zone);
  const save = useMutation({
    mutationFn: (body: ScheduleRule) =>
      api.put<ScheduleRule>(`/api/schedules/${body.clinician}`, body),
    onSuccess: (kept) => {
      setRule(kept);
      setBase(kept);
      client.setQueryData(['schedule', kept.clinician], kept);
      void client.invalidateQueries({ queryKey: ['calendar'] });
      void client.invalidateQueries({ queryKey: ['clinicians'] });
      notifications.show({
        message: t('saved'),
        color: 'moss',
        closeButtonProps: { 'aria-label': common('close') },
      });
    },
  });
  const leaving = useBlocker({
    shouldBlockFn: () => dirty,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const issues = save.error ? asApiError(save.error).issues : [];
  const faultAt = (expression: string): boolean =>
    issues.some((one) => one.expression?.some((at) => at.startsWith(expression)));
  return (
    <form
      className={classes.layout}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(rule);
      }}
    >
      <div className={classes.cards}>
        {fresh && <Notice title={t('fresh')} />}
        <section className={classes.card} aria-labelledby="week-title">
          <h2 id="week-title" className={classes.cardTitle}>
            {t('week')}
          </h2>
          <Select
            label={t('zone')}
            description={t('zoneHint')}
            mb="md"
            searchable
            allowDeselect={false}
            limit={60}
            value={rule.zone}
            data={zones(rule.zone)}
            error={faultAt('zone') && t('faults.zone')}
            onChange={(next) => next && change({ zone: next })}
          />
          <WeekHours
            hours={rule.hours}
            onChange={(hours) => change({ hours })}
            faultAt={(index) => faultAt(`hours[${index}]`)}
          />
        </section>
        <section className={classes.card} aria-labelledby="visits-title">
          <h2 id="visits-title" className={classes.cardTitle}>
            {t('visits')}
          </h2>
          <RuleFields rule={rule} onChange={change} faultAt={faultAt} />
        </section>
        <section className={classes.card} aria-labelledby="exceptions-title">
          <h2 id="exceptions-title" className={classes.cardTitle}>
            {t('exceptions')}
          </h2>
          <p className={classes.soft}>{t('exceptionsHint')}</p>
          <Exceptions
            exceptions={rule.exceptions}
            today={today}
            onChange={(exceptions) => change({ exceptions })}
            faultAt={(index) => faultAt(`exceptions[${index}]`)}
          />
          <h3 className={classes.subTitle}>{t('closures')}</h3>
          <Closures
            closures={rule.closures}
            today={today}
            onChange={(closures) => change({ closures })}
            faultAt={(index) => faultAt(`closures[${index}]`)}
          />
        </section>
      </div>
      <div className={classes.side}>
        <Preview rule={rule} today={today} />
        {save.error && <Trouble error={save.error} kept />}
        <div className={classes.save}>
          <Button
            type="submit"
            fullWidth
            size="md"
            loading={save.isPending}
            disabled={!dirty && !fresh}
          >
            {t('save')}
          </Button>
          {dirty && (
            <Button variant="subtle" fullWidth onClick={() => setRule(base)}>
              {t('discard')}
            </Button>
          )}
        </div>
      </div>
      <Dialog
        opened={leaving.status === 'blocked'}
        onClose={() => leaving.reset?.()}
        title={t('leave.title')}
      >
        <Text mb="lg">{t('leave.text')}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => leaving.reset?.()}>
            {t('leave.stay')}
          </Button>
          <Button color="red" onClick={() => leaving.proceed?.()}>
            {t('leave.go')}
          </Button>
        </Group>
      </Dialog>
    </form>
  );
}
