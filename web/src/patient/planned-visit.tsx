/** A visit that is still to come: its facts, its steps, its place in a calendar, the way out of it. */
import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconCalendarDown, IconUrgent } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';
import { Dialog } from '../kit/dialog.tsx';
import { api } from '../kit/api.ts';
import { emergencyNumber } from '../kit/emergency.ts';
import { Sky } from '../kit/sky.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { When } from '../kit/when.tsx';
import { useReader } from '../shell/session.ts';
import { calendarFile } from './calendar-file.ts';
import classes from './visit.module.css';
import { Steps } from './steps.tsx';

export function PlannedVisit({ visit }: { visit: AppointmentView }) {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const { zone } = useReader();
  const now = useNow();
  return (
    <div className={classes.planned}>
      <section className={classes.facts}>
        <div className={classes.factsSky}>
          <Sky at={visit.start} zone={zone} />
        </div>
        <dl className={classes.list}>
          <dt>{t('visit.when')}</dt>
          <dd>
            <When at={visit.start} clinicZone={visit.zone} />
          </dd>
          <dt>{t('visit.who')}</dt>
          <dd>
            {visit.clinician.name}
            {visit.clinician.specialty && (
              <span className={classes.soft}>{visit.clinician.specialty}</span>
            )}
          </dd>
          <dt>{t('visit.how')}</dt>
          <dd>{common(`visitType.${visit.mode}`)}</dd>
          <dt>{t('visit.why')}</dt>
          <dd>{visit.reason}</dd>
        </dl>
        <Group className={classes.factsActions} gap="sm">
          <Button
            variant="light"
            leftSection={<IconCalendarDown size={20} aria-hidden="true" />}
            onClick={() => download(calendarFile(visit, t('visit.calendarTitle'), location.origin))}
          >
            {t('visit.calendar')}
          </Button>
          {visit.canCancel && <Cancel visit={visit} />}
        </Group>
      </section>
      <section className={classes.ready} aria-label={t('prepare.title')}>
        <Steps visit={visit} now={now} />
        <Notice tone="warm" title={t('visit.emergency')} icon={IconUrgent}>
          {t('visit.emergencyText', { number: emergencyNumber(zone) })}
        </Notice>
      </section>
    </div>
  );
}

function download(text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/calendar' }));
  link.download = 'afar-visit.ics';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function Cancel({ visit }: { visit: AppointmentView }) {
  const { t } = useTranslation('patient');
  const client = useQueryClient();
  const [open, { open: ask, close }] = useDisclosure(false);
  const cancel = useMutation({
    mutationFn: () => api.post<AppointmentView>(`/api/appointments/${visit.id}/cancel`, {}),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: ['visit', visit.id] });
      await client.invalidateQueries({ queryKey: ['appointments'] });
    },
  });
  return (
    <>
      <Button variant="subtle" color="red" onClick={ask}>
        {t('visit.cancel')}
      </Button>
      <Dialog opened={open} onClose={close} title={t('visit.cancelTitle')}>
        <Text mb="lg">{t('visit.cancelText')}</Text>
        {cancel.error && <Trouble error={cancel.error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            {t('visit.cancelNo')}
          </Button>
          <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('visit.cancelYes')}
          </Button>
        </Group>
      </Dialog>
    </>
  );
}
