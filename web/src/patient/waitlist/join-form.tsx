/** Joining the waitlist: who would do, how, between which days, on which, at what hours, and with how much warning. */
import {
  Button,
  Chip,
  Group,
  MultiSelect,
  NativeSelect,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitMode, WaitlistEntry, WaitlistRequest } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { addDays, clockTime, dayKey, weekDate } from '../../kit/time.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import { cliniciansQuery, upcomingQuery } from '../queries.ts';
import { useSubject } from '../subject.ts';

const parts = {
  any: undefined,
  morning: [{ start: '06:00', end: '12:00' }],
  afternoon: [{ start: '12:00', end: '18:00' }],
  evening: [{ start: '18:00', end: '23:59' }],
} as const;
type Part = keyof typeof parts;

/** Minutes of warning one may ask for. */
const notices = [60, 240, 1440, 2880] as const;
const weekdays = ['1', '2', '3', '4', '5', '6', '7'] as const;

interface Props {
  clinician: string | undefined;
  onDone: () => void;
}

export function JoinForm({ clinician, onDone }: Props) {
  const { t } = useTranslation('booking');
  const { t: common } = useTranslation();
  const { zone, locale } = useReader();
  const client = useQueryClient();
  const daysLabel = useId();
  const { patient, dependant } = useSubject();
  const clinicians = useQuery(cliniciansQuery).data?.clinicians ?? [];
  const upcoming = useQuery(upcomingQuery(patient)).data?.appointments ?? [];
  const [today] = useState(() => dayKey(Date.now(), zone));
  const [whom, setWhom] = useState<string[]>(clinician ? [clinician] : []);
  const [mode, setMode] = useState<VisitMode>();
  const [reason, setReason] = useState('');
  const [from, setFrom] = useState(today);
  const [to, setTo] = useState(addDays(today, 28));
  const [days, setDays] = useState<string[]>([]);
  const [part, setPart] = useState<Part>('any');
  const [notice, setNotice] = useState<number>(notices[0]);
  const [urgent, setUrgent] = useState(false);
  const [instead, setInstead] = useState('');
  const [missing, setMissing] = useState(false);
  const [key] = useState(() => crypto.randomUUID());
  const chosen = clinicians.filter((one) => whom.includes(one.id));
  // What each of those chosen offers: any of them may be the one.
  const modes = (chosen[0]?.modes ?? ['video']).filter((one) =>
    chosen.every((other) => other.modes.includes(one)),
  );
  const type = mode && modes.includes(mode) ? mode : modes[0];
  const movable = upcoming.filter((one) => one.canReschedule);
  const join = useMutation({
    mutationFn: (body: WaitlistRequest) =>
      api.post<WaitlistEntry>('/api/waitlist', body, { headers: { 'idempotency-key': key } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['waitlist'] });
      onDone();
    },
  });
  const names = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(whom.length === 0 || !reason.trim());
        if (whom.length === 0 || !reason.trim() || !type) return;
        join.mutate({
          clinicians: whom,
          type,
          reason: reason.trim(),
          from,
          to,
          noticeMinutes: notice,
          ...(days.length > 0 && { days: days.map(Number) as WaitlistRequest['days'] }),
          ...(parts[part] && { times: [...parts[part]] }),
          ...(urgent && { urgent }),
          ...(instead && { instead }),
          ...(dependant && { patient: dependant.patient }),
        });
      }}
    >
      <Stack gap="md">
        <MultiSelect
          label={t('waitlist.whom')}
          description={t('waitlist.whomHint')}
          data={clinicians.map((one) => ({
            value: one.id,
            label: [one.name, one.specialty].filter(Boolean).join(' · '),
          }))}
          value={whom}
          maxValues={10}
          error={missing && whom.length === 0 && t('waitlist.whomNeeded')}
          onChange={setWhom}
        />
        {modes.length === 0 && <Text c="var(--afar-bad)">{t('waitlist.noMode')}</Text>}
        {modes.length > 1 && (
          <NativeSelect
            label={t('waitlist.mode')}
            value={type ?? ''}
            data={modes.map((value) => ({ value, label: common(`visitMode.${value}`) }))}
            onChange={(event) => setMode(event.currentTarget.value as VisitMode)}
          />
        )}
        <Textarea
          label={t('waitlist.reason')}
          maxLength={500}
          autosize
          minRows={2}
          value={reason}
          error={missing && !reason.trim() && t('waitlist.reasonNeeded')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group grow>
          <TextInput
            type="date"
            label={t('waitlist.from')}
            min={today}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('waitlist.to')}
            min={from}
            max={addDays(today, 179)}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </Group>
        <div role="group" aria-labelledby={daysLabel}>
          <Text id={daysLabel} fw={550} mb={6}>
            {t('waitlist.days')}
          </Text>
          <Chip.Group multiple value={days} onChange={setDays}>
            <Group gap="xs">
              {weekdays.map((day) => (
                <Chip key={day} value={day}>
                  {names.format(Date.UTC(2026, 0, 4 + Number(day), 12))}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </div>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <NativeSelect
            label={t('waitlist.times')}
            value={part}
            data={(Object.keys(parts) as Part[]).map((value) => ({
              value,
              label: t(`waitlist.part.${value}`),
            }))}
            onChange={(event) => setPart(event.currentTarget.value as Part)}
          />
          <NativeSelect
            label={t('waitlist.notice')}
            value={String(notice)}
            data={notices.map((value) => ({
              value: String(value),
              label: t(`waitlist.noticeOf.${value}`),
            }))}
            onChange={(event) => setNotice(Number(event.currentTarget.value))}
          />
        </SimpleGrid>
        {movable.length > 0 && (
          <NativeSelect
            label={t('waitlist.instead')}
            description={t('waitlist.insteadHint')}
            value={instead}
            data={[
              { value: '', label: t('waitlist.insteadNone') },
              ...movable.map((one) => ({
                value: one.id,
                label: `${weekDate(one.start, zone, locale)}, ${clockTime(one.start, zone, locale)} · ${one.clinician.name}`,
              })),
            ]}
            onChange={(event) => setInstead(event.currentTarget.value)}
          />
        )}
        <Switch
          label={t('urgent.label')}
          checked={urgent}
          onChange={(event) => setUrgent(event.currentTarget.checked)}
        />
        {join.error && <Trouble error={join.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={join.isPending} data-testid="join-waitlist">
            {t('waitlist.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
