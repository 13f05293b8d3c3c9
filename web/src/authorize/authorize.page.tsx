/** An app asks for access: who it is, what it wants in plain words, and a yes that can be less than what was asked. */
import { Anchor, Button, Checkbox, Group, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { IconApps, IconPlugConnected } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccessAnswer, AskedAccess } from '@afar/access/contract';
import { asApiError } from '../kit/api.ts';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { linesOf, plainOf, scopesOf } from './asked-lines.ts';
import { AskedList } from './asked-list.tsx';
import classes from './authorize.module.css';
import { LaunchedPatient, PatientChoice } from './patient-choice.tsx';
import { allow, askedQuery, refuse } from './queries.ts';

/** The answer goes back to the app: a new place, not a page of ours. */
const leave = ({ redirect }: AccessAnswer): void => location.assign(redirect);

export function AuthorizePage() {
  const { t } = useTranslation('authorize');
  const { uid } = useParams({ from: '/authorize/$uid' });
  const asked = useQuery(askedQuery(uid));
  const reason = asked.error && asApiError(asked.error).reason;
  return (
    <Page
      title={t('title')}
      heading={asked.data && t('asks', { app: asked.data.app.name })}
      width="narrow"
    >
      {asked.isPending && <Pending rows={3} height={120} />}
      {reason === 'not-found' && (
        <Notice tone="warm" title={t('gone.title')}>
          {t('gone.text')}
        </Notice>
      )}
      {reason === 'business-rule' && (
        <Notice tone="warm" title={t('launch.title')}>
          {t('launch.text')}
        </Notice>
      )}
      {reason === 'second-factor-required' && (
        <Notice tone="warm" title={t('factor.title')}>
          {t('factor.text')}
        </Notice>
      )}
      {asked.error &&
        !['not-found', 'business-rule', 'second-factor-required'].includes(reason ?? '') && (
          <Trouble error={asked.error} retry={() => void asked.refetch()} />
        )}
      {asked.data && <Question uid={uid} asked={asked.data} />}
    </Page>
  );
}

const days = ['0', '30', '90', '365'] as const;

function Question({ uid, asked }: { uid: string; asked: AskedAccess }) {
  const { t } = useTranslation('authorize');
  const lines = useMemo(() => linesOf(asked.scopes), [asked.scopes]);
  const plain = plainOf(asked.scopes);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(
    () => new Set(lines.map((one) => one.id)),
  );
  const [patient, setPatient] = useState<string>();
  const [stays, setStays] = useState(true);
  const [remember, setRemember] = useState<string>('0');
  const yes = useMutation({
    mutationFn: (answer: Parameters<typeof allow>[1]) => allow(uid, answer),
    onSuccess: leave,
  });
  const no = useMutation({ mutationFn: () => refuse(uid), onSuccess: leave });
  const known = asked.remembered;
  const sent = useRef(false);
  const { mutate } = yes;

  // She has said so before, and to be remembered: nothing is asked, and the page says what goes on.
  useEffect(() => {
    if (!known || sent.current) return;
    sent.current = true;
    mutate({ scopes: known.scopes, ...(known.patient && { patient: known.patient }) });
  }, [known, mutate]);

  if (known && !yes.error)
    return (
      <Notice title={t('remembered.title', { app: asked.app.name })}>{t('remembered.text')}</Notice>
    );

  const granted = [
    ...plain.filter((scope) => scope !== 'offline_access' || stays),
    ...scopesOf(lines, ticked),
  ];
  const ofRecord = granted.some(
    (scope) => scope.startsWith('patient/') || scope === 'launch/patient',
  );
  const needsPatient = asked.choosesPatient && ofRecord && !patient;
  const nothing =
    granted.length === 0 || (lines.length > 0 && ticked.size === 0 && !plain.includes('openid'));
  const tick = (ids: string[], on: boolean): void => {
    const next = new Set(ticked);
    for (const id of ids)
      if (on) next.add(id);
      else next.delete(id);
    setTicked(next);
  };
  const busy = yes.isPending || yes.isSuccess || no.isPending || no.isSuccess;

  return (
    <Stack gap="lg" data-testid="consent">
      <section className={classes.app} aria-label={t('app.label')}>
        <span className={classes.mark} aria-hidden="true">
          <IconApps size={30} stroke={1.6} />
        </span>
        <div>
          <p className={classes.appName}>{asked.app.name}</p>
          <p className={classes.soft}>
            {asked.app.publisher
              ? t('app.by', { publisher: asked.app.publisher })
              : t('app.unknown')}
          </p>
          <p className={classes.soft}>
            {t('app.host', { host: asked.app.host })}
            {asked.app.uri && (
              <>
                {' '}
                <Anchor
                  href={asked.app.uri}
                  target="_blank"
                  rel="noreferrer noopener"
                  underline="always"
                >
                  {t('app.more')}
                </Anchor>
              </>
            )}
          </p>
        </div>
      </section>
      {asked.app.registered && <Notice tone="warm" title={t('app.registered')} />}
      {asked.patient && <LaunchedPatient patient={asked.patient} />}
      {asked.choosesPatient && ofRecord && <PatientChoice chosen={patient} onChoose={setPatient} />}
      <AskedList lines={lines} reach="patient" ticked={ticked} onTick={tick} />
      <AskedList lines={lines} reach="user" ticked={ticked} onTick={tick} />
      {(plain.includes('openid') || asked.offline) && (
        <section className={classes.part} aria-labelledby="besides">
          <h2 id="besides" className={classes.heading}>
            {t('besides.title')}
          </h2>
          {plain.includes('openid') && (
            <Text mb={asked.offline ? 'sm' : 0}>
              {t(plain.includes('profile') ? 'besides.name' : 'besides.identity')}
              {plain.includes('email') && ` ${t('besides.email')}`}
            </Text>
          )}
          {asked.offline && (
            <Checkbox
              className={classes.line!}
              size="md"
              label={t('besides.offline')}
              description={t('besides.offlineHelp')}
              checked={stays}
              onChange={(event) => setStays(event.currentTarget.checked)}
            />
          )}
        </section>
      )}
      {asked.mayRemember && (
        <Select
          label={t('remember.label')}
          size="md"
          allowDeselect={false}
          value={remember}
          onChange={(value) => setRemember(value ?? '0')}
          data={days.map((value) => ({ value, label: t(`remember.${value}`) }))}
        />
      )}
      {yes.error && <Trouble error={yes.error} kept />}
      {no.error && <Trouble error={no.error} kept />}
      {needsPatient && <p className={classes.soft}>{t('whose.need')}</p>}
      <div className={classes.answer}>
        <Group grow className={classes.buttons!}>
          <Button
            variant="default"
            size="lg"
            disabled={busy}
            onClick={() => no.mutate()}
            data-testid="refuse"
          >
            {t('refuse')}
          </Button>
          <Button
            size="lg"
            leftSection={<IconPlugConnected size={20} aria-hidden="true" />}
            disabled={needsPatient || nothing}
            loading={yes.isPending || yes.isSuccess}
            onClick={() =>
              yes.mutate({
                scopes: granted,
                ...(patient && ofRecord && { patient }),
                rememberDays: Number(remember),
              })
            }
            data-testid="allow"
          >
            {t('allow')}
          </Button>
        </Group>
        <p className={classes.soft}>{t('end')}</p>
      </div>
    </Stack>
  );
}
