/** The desk of one visit: who it is about, what can be done now, and the places for chart, picture, note and orders. */
import { Badge, SegmentedControl } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconAlertTriangle, IconArrowLeft } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '@afar/visits/contract';
import { ChatRecord } from '../call/panels/chat/chat-record.tsx';
import { RecordingList } from '../call/panels/recording/recording-list.tsx';
import { Pending, usePageTitle } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useMe } from '../shell/session.ts';
import { Chart } from './chart.tsx';
import { EndVisit } from './end-visit.tsx';
import { NoteEditor } from './note-editor.tsx';
import { OrderList } from './orders.tsx';
import { PatientLine } from './patient-line.tsx';
import { noteQuery } from './queries.ts';
import { WaitingNote } from './waiting-note.tsx';
import { SignedNote } from './signed-note.tsx';
import classes from './visit.module.css';
import { VisitCall } from './visit-call.tsx';

type Place = 'chart' | 'note';

export function VisitDesk({ visit }: { visit: VisitView }) {
  const { t } = useTranslation('clinician');
  const me = useMe();
  const client = useQueryClient();
  usePageTitle(t('visit.title'));
  const [ending, { open, close }] = useDisclosure(false);
  const [place, setPlace] = useState<Place>('chart');
  // Both columns from 64 em on; below, one place at a time under the picture.
  const wide = useMediaQuery('(min-width: 64em)', true, { getInitialValueInEffect: false });
  const mayWork = me.role === 'practitioner' && me.fhirUser?.id === visit.clinician.id;
  const admitted = !['booked', 'waiting', 'cancelled', 'no-show'].includes(visit.state);
  const refresh = (): void => void client.invalidateQueries({ queryKey: ['visit', visit.id] });

  return (
    <div className={classes.desk}>
      <header className={classes.banner}>
        <Link to="/clinician" className={classes.back} aria-label={t('visit.back')}>
          <IconArrowLeft size={20} aria-hidden="true" />
        </Link>
        <div className={classes.who}>
          <h1 id="visit-name" tabIndex={-1} className={classes.name}>
            {visit.patient?.name ?? t('unnamed')}
          </h1>
          {visit.patient && <PatientLine patient={visit.patient} />}
        </div>
        <p className={classes.reason}>
          <span>{t('visit.reason')}</span>
          {visit.reason}
        </p>
        {visit.redFlag && (
          <Badge color="brick" leftSection={<IconAlertTriangle size={14} aria-hidden="true" />}>
            {t('queue.redFlag')}
          </Badge>
        )}
      </header>
      {!wide && (
        <SegmentedControl
          fullWidth
          value={place}
          onChange={(value) => setPlace(value as Place)}
          aria-label={t('visit.places')}
          data={[
            { value: 'chart', label: t('visit.chart') },
            { value: 'note', label: t('visit.note') },
          ]}
        />
      )}
      <div className={classes.columns}>
        <aside className={classes.side} aria-label={t('visit.side')}>
          <VisitCall visit={visit} mayWork={mayWork} onEnd={open} onChanged={refresh} />
          {/* Hidden, not gone: a half-written order and the place in the chart are there on coming back. */}
          <div
            className={classes.paper}
            data-open={admitted || undefined}
            hidden={!wide && place !== 'note'}
          >
            {admitted ? (
              <>
                <NotePlace visit={visit} mayWork={mayWork} />
                <hr className={classes.rule} />
                <OrderList visit={visit.id} mayOrder={mayWork} />
                {visit.state === 'ended' && (
                  <>
                    <ChatRecord
                      visitId={visit.id}
                      otherName={visit.patient?.name ?? t('unnamed')}
                    />
                    <RecordingList visitId={visit.id} owns={mayWork} />
                  </>
                )}
              </>
            ) : (
              <p className={classes.soft}>{t('note.afterAdmit')}</p>
            )}
          </div>
        </aside>
        <div className={classes.main} hidden={!wide && place !== 'chart'}>
          {visit.patient && <Chart patient={visit.patient.id} visit={visit.id} />}
        </div>
      </div>
      <EndVisit
        visit={visit}
        opened={ending}
        onClose={close}
        onEnded={() => {
          close();
          refresh();
        }}
      />
    </div>
  );
}

function NotePlace({ visit, mayWork }: { visit: VisitView; mayWork: boolean }) {
  const note = useQuery(noteQuery(visit.id));
  if (note.isPending) return <Pending rows={4} height={80} />;
  if (note.isError) return <Trouble error={note.error} retry={() => void note.refetch()} />;
  if (note.data.waiting) return <WaitingNote note={note.data} waiting={note.data.waiting} />;
  return note.data.signed ? (
    <SignedNote note={note.data} mayAdd={mayWork} />
  ) : (
    <NoteEditor key={visit.id} note={note.data} maySign={mayWork} />
  );
}
