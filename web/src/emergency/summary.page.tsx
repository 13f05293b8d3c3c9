/** What matters in the first minutes, in big type, with the minutes that are left. */
import { Button } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmergencySummary, SummaryLine } from '@afar/sharing/contract';
import { asApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { fhirDateText } from '../kit/fhir-date.ts';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useMe, useReader } from '../shell/session.ts';
import { Left } from './left.tsx';
import { closeRecord, emergencySummaryQuery } from './queries.ts';
import classes from './emergency.module.css';

export function SummaryPage() {
  const { t } = useTranslation('emergency');
  const { glassId } = useParams({ from: '/emergency/$glassId' });
  const summary = useQuery(emergencySummaryQuery(glassId));
  const now = useNow(1_000);
  const gone = summary.isError && asApiError(summary.error).status === 404;
  const over = gone || (summary.data && Date.parse(summary.data.ends) <= now);
  return (
    <Page
      title={t('title')}
      heading={over ? undefined : summary.data?.name}
      back={{ to: '/emergency', label: t('title') }}
      lead={summary.data && !over && <Who {...summary.data} now={now} />}
      actions={summary.data && !over && <Left ends={summary.data.ends} now={now} />}
    >
      {summary.isPending && <Pending rows={5} height={120} />}
      {over ? (
        <Notice tone="warm" title={t('summary.over')}>
          {t('summary.overText')}
        </Notice>
      ) : (
        summary.isError && <Trouble error={summary.error} retry={() => void summary.refetch()} />
      )}
      {summary.data && !over && <Summary {...summary.data} />}
    </Page>
  );
}

const ageAt = (birthDate: string, now: number): number =>
  Math.floor((now - Date.parse(birthDate)) / (365.2425 * 86_400_000));

function Who({ birthDate, sex, now }: EmergencySummary & { now: number }) {
  const { t } = useTranslation('emergency');
  const { zone, locale } = useReader();
  return (
    <>
      {[
        birthDate && t('summary.years', { count: ageAt(birthDate, now) }),
        birthDate && fhirDateText(birthDate, zone, locale),
        (sex === 'female' || sex === 'male' || sex === 'other' || sex === 'unknown') &&
          t(`sex.${sex}`),
      ]
        .filter(Boolean)
        .join(' · ')}
    </>
  );
}

function Summary(summary: EmergencySummary) {
  const { t } = useTranslation('emergency');
  const me = useMe();
  const [closing, setClosing] = useState(false);
  return (
    <>
      <div className={classes.summary} data-testid="emergency-summary">
        <Part part="allergies" lines={summary.allergies} loud />
        <Part part="medications" lines={summary.medications} />
        <Part part="conditions" lines={summary.conditions} />
        <Part part="devices" lines={summary.devices} />
        <Part part="directives" lines={summary.directives} />
        <section className={classes.card}>
          <h2>{t('summary.contacts')}</h2>
          {summary.contacts.length === 0 && <p className={classes.soft}>{t('summary.none')}</p>}
          <ul>
            {summary.contacts.map(({ name, relation, phone }) => (
              <li key={`${name}${phone ?? ''}`}>
                <span>
                  <b>{name}</b>
                  {relation && <small>{relation}</small>}
                </span>
                {phone && (
                  <a className={classes.call} href={`tel:${phone.replaceAll(/[^+\d]/g, '')}`}>
                    <IconPhone size={20} aria-hidden="true" /> <bdi dir="ltr">{phone}</bdi>
                  </a>
                )}
              </li>
            ))}
          </ul>
        </section>
      </div>
      <div className={classes.buttons}>
        {me.role !== 'paramedic' && (
          <Button
            size="lg"
            variant="default"
            renderRoot={(props) => (
              <Link
                to="/clinician/patients/$patientId"
                params={{ patientId: summary.patient }}
                {...props}
              />
            )}
          >
            {t('summary.chart')}
          </Button>
        )}
        <Button size="lg" variant="light" color="ember" onClick={() => setClosing(true)}>
          {t('summary.end')}
        </Button>
      </div>
      {closing && <Close id={summary.id} onClose={() => setClosing(false)} />}
    </>
  );
}

/** What stands beside a condition is the day it began, as the record has it. */
const isDate = (text: string): boolean => /^\d{4}(-\d\d){0,2}(T\S+)?$/.test(text);

type PartName = 'allergies' | 'conditions' | 'medications' | 'devices' | 'directives';

function Part({ part, lines, loud }: { part: PartName; lines: SummaryLine[]; loud?: boolean }) {
  const { t } = useTranslation('emergency');
  const { zone, locale } = useReader();
  return (
    <section className={classes.card} data-loud={(loud && lines.length > 0) || undefined}>
      <h2>{t(`summary.${part}`)}</h2>
      {lines.length === 0 && <p className={classes.soft}>{t('summary.none')}</p>}
      <ul>
        {lines.map(({ text, detail, grave }) => (
          <li key={`${text}${detail ?? ''}`}>
            <span>
              <b>{text}</b>
              {detail && (
                <small>{isDate(detail) ? fhirDateText(detail, zone, locale) : detail}</small>
              )}
            </span>
            {grave && <strong className={classes.grave}>{t('summary.grave')}</strong>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Close({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation('emergency');
  const client = useQueryClient();
  const navigate = useNavigate();
  const close = useMutation({
    mutationFn: () => closeRecord(id),
    onSuccess: async () => {
      client.removeQueries({ queryKey: ['break-glass'] });
      await navigate({ to: '/emergency' });
    },
  });
  return (
    <Dialog opened onClose={onClose} title={t('summary.endTitle')}>
      <div className={classes.form}>
        <p className={classes.soft}>{t('summary.endText')}</p>
        {close.isError && <Trouble error={close.error} />}
        <Button
          size="lg"
          color="ember"
          data-autofocus
          loading={close.isPending}
          onClick={() => close.mutate()}
          data-testid="close-record"
        >
          {t('summary.end')}
        </Button>
      </div>
    </Dialog>
  );
}
