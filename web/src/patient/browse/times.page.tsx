/** The free times of one clinician for anybody; the one chosen is carried through signing in. */
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FreeSlot } from '@afar/visits/contract';
import { Page, Pending } from '../../kit/page.tsx';
import { toMs } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { When } from '../../kit/when.tsx';
import classes from '../book.module.css';
import { PickTime } from '../pick-time.tsx';
import { cliniciansQuery } from '../queries.ts';
import { useIntoView } from '../use-into-view.ts';

export function TimesPage() {
  const { t } = useTranslation('booking');
  const { t: common } = useTranslation();
  const { clinicianId } = useParams({ from: '/book/$clinicianId' });
  const clinicians = useQuery(cliniciansQuery);
  const clinician = clinicians.data?.clinicians.find((one) => one.id === clinicianId);
  const [slot, setSlot] = useState<FreeSlot>();
  const panel = useIntoView<HTMLElement>(slot?.id);
  // Where she goes on once she is known: ids and an instant, nothing of hers.
  const next = slot && `/patient/book/${clinicianId}/${toMs(slot.start) / 60_000}`;
  return (
    <Page
      title={t('browse.title')}
      heading={clinician?.name}
      lead={clinician?.specialty}
      back={{ to: '/book', label: t('browse.back') }}
    >
      {clinicians.isPending && <Pending rows={2} height={120} />}
      {clinicians.isError && (
        <Trouble error={clinicians.error} retry={() => void clinicians.refetch()} />
      )}
      {clinicians.isSuccess && !clinician && <Notice title={t('notOffered')} />}
      {clinician && (
        <div className={classes.layout}>
          <PickTime clinician={clinician} chosen={slot} kept={false} onChoose={setSlot} />
          <aside ref={panel} className={classes.summary} aria-labelledby="picked-title">
            <div className={classes.form}>
              <h2 id="picked-title" className={classes.summaryTitle}>
                {t('browse.picked')}
              </h2>
              {slot ? (
                <p className={classes.picked} aria-live="polite" data-testid="picked-time">
                  <When at={slot.start} clinicZone={clinician.zone} />
                  <span className={classes.pickedWho}>
                    {clinician.name} · {common('minutes', { count: clinician.minutes })}
                  </span>
                </p>
              ) : (
                <Text c="dimmed">{t('browse.pick')}</Text>
              )}
              {next && (
                <>
                  <Button
                    component={Link}
                    to="/sign-in"
                    search={{ next } as never}
                    size="lg"
                    fullWidth
                    data-testid="sign-in-to-book"
                  >
                    {t('browse.confirm')}
                  </Button>
                  <Button
                    component={Link}
                    to="/register"
                    search={{ next } as never}
                    variant="default"
                    size="lg"
                    fullWidth
                  >
                    {t('browse.register')}
                  </Button>
                  <Text c="dimmed">{t('browse.notKept')}</Text>
                </>
              )}
            </div>
          </aside>
        </div>
      )}
    </Page>
  );
}
