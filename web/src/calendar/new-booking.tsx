/** Booking for a patient: whom, when, with whom and what else, and again next week if need be. */
import {
  Button,
  Group,
  MultiSelect,
  NativeSelect,
  SegmentedControl,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  AppointmentView,
  BookRequest,
  CalendarActor,
  Repeat,
  SeriesReport,
  SeriesRequest,
  VisitMode,
} from '@afar/visits/contract';
import { needsAnotherTime } from '../kit/another-time.ts';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { addDays, dayKey, startOfDay, zonesDiffer, zoneName } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { cliniciansQuery } from '../patient/queries.ts';
import { useReader } from '../shell/session.ts';
import { useClock } from './entry.tsx';
import { PatientSelect } from './patient-select.tsx';
import { keyed, placesQuery, resourcesQuery } from './queries.ts';
import { RepeatFields } from './repeat-fields.tsx';
import { SeriesDates } from './series-dates.tsx';

interface Props {
  clinicians: readonly CalendarActor[];
  /** Where one pressed: whose, and when about. */
  clinician: string;
  start: number | undefined;
  /** `YYYY-MM-DD`: the day shown. */
  day: string;
  zone: string;
  onClose: () => void;
  onBooked: (id: string | undefined) => void;
}

const anyMode: VisitMode[] = ['video', 'audio', 'chat', 'in-person'];

export function NewBooking(props: Props) {
  const { clinicians, start, zone, onClose, onBooked } = props;
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const client = useQueryClient();
  const modeLabel = useId();
  const [clinician, setClinician] = useState(props.clinician);
  const [day, setDay] = useState(start === undefined ? props.day : dayKey(start, zone));
  const [slot, setSlot] = useState<string>();
  const [patient, setPatient] = useState<string>();
  const [mode, setMode] = useState<VisitMode>();
  const [reason, setReason] = useState('');
  const [along, setAlong] = useState<string[]>([]);
  const [urgent, setUrgent] = useState(false);
  const [repeat, setRepeat] = useState<Repeat>();
  const [missing, setMissing] = useState(false);
  const [lookedUp, setLookedUp] = useState<string>();
  const [key, setKey] = useState(() => crypto.randomUUID());
  const directory = useQuery(cliniciansQuery);
  const resources = useQuery(resourcesQuery);
  const places = useQuery({
    ...placesQuery({
      clinician,
      from: startOfDay(day, zone),
      to: startOfDay(addDays(day, 1), zone),
      ...(along.length > 0 && { with: along }),
    }),
    enabled: day !== '',
  });
  const clock = useClock(zone);
  const free = places.data ?? [];
  const pressed = free.find((one) => one.start === start)?.slotId;
  const chosen = free.some((one) => one.slotId === slot) ? slot : (pressed ?? free[0]?.slotId);
  const modes = directory.data?.clinicians.find((one) => one.id === clinician)?.modes ?? anyMode;
  const type = mode && modes.includes(mode) ? mode : modes[0]!;
  const theirs = clinicians.find((one) => one.id === clinician)?.zone;
  const at = startOfDay(day || props.day, zone);

  const settle = async (id: string | undefined): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['calendar'] });
    onBooked(id);
  };
  const once = useMutation({
    mutationFn: (body: BookRequest) =>
      api.post<AppointmentView>('/api/appointments', body, keyed(key)),
    onSuccess: (made) => settle(made.id),
    onError: () => setKey(crypto.randomUUID()),
  });
  const series = useMutation({
    mutationFn: (body: SeriesRequest) => api.post<SeriesReport>('/api/series', body, keyed(key)),
    onSuccess: (report) => {
      setKey(crypto.randomUUID());
      if (report.id && report.done && report.dates.every((one) => !one.conflict))
        return settle(undefined);
      if (report.done) void client.invalidateQueries({ queryKey: ['calendar'] });
    },
    onError: () => setKey(crypto.randomUUID()),
  });
  const error = once.error ?? series.error;
  const taken = error && needsAnotherTime(error);
  // What was looked up for other wishes says nothing of these.
  const wishes = JSON.stringify([chosen, patient, type, along, repeat]);
  const report = series.data?.id || lookedUp === wishes ? series.data : undefined;
  const booked = report?.done === true && report.id !== undefined;

  const submit = (book: SeriesRequest['book'] | 'preview'): void => {
    setMissing(!patient || !reason.trim());
    if (!patient || !reason.trim() || !chosen) return;
    const body = {
      slotId: chosen,
      type,
      reason: reason.trim(),
      patient,
      ...(along.length > 0 && { with: along }),
    };
    setLookedUp(wishes);
    if (!repeat) once.mutate({ ...body, ...(urgent && { urgent }) });
    else if (book === 'preview')
      series.mutate({ ...body, repeat, book: 'possible', preview: true });
    else series.mutate({ ...body, repeat, book });
  };

  return (
    <Dialog opened onClose={onClose} title={t('book.title')} size="lg">
      {booked ? (
        <Stack>
          <SeriesDates report={report} zone={zone} />
          <Button onClick={() => onBooked(undefined)}>{common('done')}</Button>
        </Stack>
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit(repeat ? 'preview' : 'all');
          }}
        >
          <Stack gap="md">
            <PatientSelect
              value={patient}
              onChange={setPatient}
              error={missing && !patient && t('book.patientNeeded')}
            />
            <Group grow align="flex-start">
              {clinicians.length > 1 && (
                <NativeSelect
                  label={t('book.clinician')}
                  value={clinician}
                  data={clinicians.map((one) => ({ value: one.id, label: one.name }))}
                  onChange={(event) => setClinician(event.currentTarget.value)}
                />
              )}
              <TextInput
                type="date"
                label={t('book.day')}
                value={day}
                onChange={(event) => setDay(event.currentTarget.value)}
              />
              <NativeSelect
                label={t('book.time')}
                description={
                  theirs &&
                  zonesDiffer(at, zone, theirs) &&
                  t('inZone', { zone: zoneName(at, zone, locale) })
                }
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                value={chosen ?? ''}
                disabled={free.length === 0}
                error={places.isSuccess && free.length === 0 && t('book.noTimes')}
                data={
                  free.length > 0
                    ? free.map((one) => ({ value: one.slotId, label: clock(one.start) }))
                    : [{ value: '', label: places.isPending ? common('loading') : '—' }]
                }
                onChange={(event) => setSlot(event.currentTarget.value)}
                data-testid="book-time"
              />
            </Group>
            {places.isError && <Trouble error={places.error} retry={() => void places.refetch()} />}
            {modes.length > 1 && (
              <div>
                <Text id={modeLabel} fw={550} mb={6}>
                  {t('book.mode')}
                </Text>
                <SegmentedControl
                  fullWidth
                  aria-labelledby={modeLabel}
                  value={type}
                  onChange={(value) => setMode(value as VisitMode)}
                  data={modes.map((one) => ({ value: one, label: common(`visitMode.${one}`) }))}
                />
              </div>
            )}
            <Textarea
              label={t('book.reason')}
              maxLength={500}
              autosize
              minRows={2}
              value={reason}
              error={missing && !reason.trim() && t('book.reasonNeeded')}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-testid="book-reason"
            />
            {(resources.data?.length ?? 0) > 0 && (
              <MultiSelect
                label={t('book.with')}
                data={(['room', 'interpreter'] as const).map((kind) => ({
                  group: t(`kinds.${kind}`),
                  items: resources
                    .data!.filter((one) => one.kind === kind && one.active)
                    .map((one) => ({ value: one.id, label: one.name })),
                }))}
                value={along}
                onChange={setAlong}
                clearable
                data-testid="book-with"
              />
            )}
            <RepeatFields
              repeat={repeat}
              onChange={(next) => {
                setRepeat(next);
                series.reset();
              }}
            />
            {!repeat && (
              <Switch
                label={t('details.urgent')}
                checked={urgent}
                onChange={(event) => setUrgent(event.currentTarget.checked)}
              />
            )}
            {taken && (
              <Notice tone="warm" title={t('book.taken')}>
                {t('book.takenText')}
              </Notice>
            )}
            {error && !taken && <Trouble error={error} kept />}
            {repeat && report && <SeriesDates report={report} zone={zone} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {common('cancel')}
              </Button>
              {repeat && report ? (
                <Button
                  loading={series.isPending}
                  disabled={report.dates.every((one) => one.conflict)}
                  onClick={() =>
                    submit(report.dates.some((one) => one.conflict) ? 'possible' : 'all')
                  }
                  data-testid="book-series"
                >
                  {t('book.bookSeries', {
                    count: report.dates.filter((one) => !one.conflict).length,
                  })}
                </Button>
              ) : (
                <Button
                  type="submit"
                  disabled={!chosen}
                  loading={once.isPending || series.isPending}
                  data-testid="book-save"
                >
                  {t(repeat ? 'book.look' : 'book.save')}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
