/** One visit of the calendar: who, when, how, and what can be done to it. */
import { Badge, Button, Group, Switch } from '@mantine/core';
import { IconArrowsMove, IconCheck, IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry } from '@afar/visits/contract';
import { Dialog } from '../kit/dialog.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { When } from '../kit/when.tsx';
import { visitQuery } from '../patient/queries.ts';
import { useMe } from '../shell/session.ts';
import { CancelForm } from './cancel-form.tsx';
import classes from './details.module.css';
import { modeIcons, stateIcons } from './marks.tsx';
import { useAppointment } from './queries.ts';

interface Props {
  entry: CalendarEntry & { id: string };
  onMove?: (() => void) | undefined;
  onClose: () => void;
}

export function Details({ entry, onMove, onClose }: Props) {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const { role } = useMe();
  const now = useNow();
  const [cancelling, setCancelling] = useState(false);
  const deeds = useAppointment(entry.id);
  // The room and the interpreter are told by the visit itself.
  const { data: visit } = useQuery(visitQuery(entry.id));
  const Mode = entry.mode && modeIcons[entry.mode];
  const State = stateIcons[entry.state];
  const error = deeds.confirm.error ?? deeds.noShow.error ?? deeds.urgent.error;
  const urgent = deeds.urgent.data?.urgent ?? entry.urgent;
  const missed =
    (entry.state === 'booked' || entry.state === 'waiting') && Date.parse(entry.start) <= now;
  const clinical = role === 'practitioner' || role === 'trainee' || role === 'nurse';
  return (
    <Dialog
      opened
      onClose={onClose}
      title={cancelling ? t('cancel.title') : (entry.patient?.name ?? t('unnamed'))}
      size="lg"
    >
      {cancelling ? (
        <CancelForm entry={entry} onDone={onClose} onBack={() => setCancelling(false)} />
      ) : (
        <>
          <dl className={classes.facts}>
            <dt>{t('details.when')}</dt>
            <dd>
              <When at={entry.start} {...(visit && { clinicZone: visit.zone })} />
            </dd>
            <dt>{t('details.how')}</dt>
            <dd className={classes.marked}>
              {Mode && <Mode size={18} aria-hidden="true" />}
              {entry.mode && common(`visitType.${entry.mode}`)}
            </dd>
            <dt>{t('details.state')}</dt>
            <dd className={classes.marked}>
              {State && <State size={18} aria-hidden="true" />}
              {t(`state.${entry.state}`)}
              {entry.redFlag && <Badge color="brick">{t('redFlag')}</Badge>}
            </dd>
            {entry.reason && (
              <>
                <dt>{t('details.why')}</dt>
                <dd>{entry.reason}</dd>
              </>
            )}
            {visit && visit.with.length > 0 && (
              <>
                <dt>{t('details.with')}</dt>
                <dd>{visit.with.map((one) => one.name).join(', ')}</dd>
              </>
            )}
            {entry.series && (
              <>
                <dt>{t('details.series')}</dt>
                <dd>{t('ofSeries', { index: entry.series.index + 1, of: entry.series.of })}</dd>
              </>
            )}
          </dl>
          {error && <Trouble error={error} />}
          {clinical && (
            <Switch
              className={classes.urgent!}
              label={t('details.urgent')}
              checked={urgent}
              disabled={deeds.urgent.isPending}
              onChange={(event) => deeds.urgent.mutate({ urgent: event.currentTarget.checked })}
            />
          )}
          <Group mt="lg" gap="sm">
            {entry.state === 'requested' && (
              <Button
                leftSection={<IconCheck size={18} aria-hidden="true" />}
                loading={deeds.confirm.isPending}
                onClick={() => deeds.confirm.mutate({}, { onSuccess: onClose })}
                data-testid="confirm-request"
              >
                {t('details.confirm')}
              </Button>
            )}
            {clinical && entry.state !== 'requested' && (
              <Button
                component={Link}
                to="/clinician/visits/$visitId"
                params={{ visitId: entry.id } as never}
              >
                {t('details.open')}
              </Button>
            )}
            {onMove && (
              <Button
                variant="default"
                leftSection={<IconArrowsMove size={18} aria-hidden="true" />}
                onClick={onMove}
                data-testid="move-visit"
              >
                {t('details.move')}
              </Button>
            )}
            {missed && clinical && (
              <Button
                variant="default"
                leftSection={<IconUserOff size={18} aria-hidden="true" />}
                loading={deeds.noShow.isPending}
                onClick={() => deeds.noShow.mutate({}, { onSuccess: onClose })}
              >
                {t('details.noShow')}
              </Button>
            )}
            {entry.canCancel && (
              <Button variant="subtle" color="red" onClick={() => setCancelling(true)}>
                {t(entry.state === 'requested' ? 'details.decline' : 'details.cancel')}
              </Button>
            )}
          </Group>
        </>
      )}
    </Dialog>
  );
}
