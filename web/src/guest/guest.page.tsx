/** A guest of a visit, from her link to the end of the call: the secret leaves the address at once, she waits, she is let in. */
import { Button, SegmentedControl } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GuestVisit, OpenInvite, RevokeReason } from '@afar/visits/contract';
import { CallStage } from '../call/call-stage.tsx';
import { usePreparedCall } from '../call/prepare.ts';
import { useAddressSecret } from '../kit/address-secret.ts';
import { api, asApiError } from '../kit/api.ts';
import { Page, Pending, usePageTitle } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import classes from './guest.module.css';
import { LightCheck } from './light-check.tsx';
import { StaffJoin } from './staff-join.tsx';

const queryKey = ['visit-guest'];
/** She stands at the door: asked this often, she is in within a breath of being let in, ms. */
const everyLook = 2_500;

const asSecret = (text: string): string | undefined => /^[\w-]{43}$/.exec(text)?.[0];
const isOver = ({ state }: GuestVisit): boolean =>
  state === 'refused' || state === 'left' || state === 'ended';

export function GuestPage() {
  const { t } = useTranslation('guest');
  usePreparedCall();
  const client = useQueryClient();
  const secret = asSecret(useAddressSecret());
  usePageTitle(t('title'));

  const open = useMutation({
    mutationFn: (body: OpenInvite) => api.post<GuestVisit>('/api/visit-guest/open', body),
    onSuccess: (visit) => client.setQueryData(queryKey, visit),
  });
  // Read again, the page has no secret any more: what was opened in this browser stays open.
  const mine = useQuery({
    queryKey,
    queryFn: () => api.get<GuestVisit>('/api/visit-guest'),
    enabled: !secret || open.isSuccess,
    retry: (count, error) => count < 3 && asApiError(error).passing,
    refetchInterval: ({ state }) =>
      state.data && !isOver(state.data) && state.data.state !== 'admitted' ? everyLook : false,
  });
  const { data: visit, refetch } = mine;
  const refresh = useCallback(() => void refetch(), [refetch]);

  if (visit && !isOver(visit)) return <Guest visit={visit} refresh={refresh} />;
  if (visit)
    return (
      <Page title={t('overTitle')}>
        <Notice title={t('overTitle')}>{t(visit.state === 'refused' ? 'refused' : 'over')}</Notice>
      </Page>
    );
  const gone = asApiError(open.error ?? mine.error);
  if (open.isError || mine.isError)
    return (
      <Page title={t('title')}>
        {gone.status === 404 || gone.status === 401 ? (
          <Notice tone="warm" title={t('noLink')}>
            {t('noLinkText')}
          </Notice>
        ) : (
          <Trouble
            error={gone}
            retry={() =>
              secret && !open.isSuccess ? open.mutate({ secret }) : void mine.refetch()
            }
          />
        )}
      </Page>
    );
  // Opened by a press, not by whatever looks at links before people do: the link works once.
  if (secret && !open.isSuccess)
    return (
      <Page title={t('title')} lead={t('lead')}>
        <Button
          size="lg"
          loading={open.isPending}
          onClick={() => open.mutate({ secret })}
          data-testid="open-invitation"
        >
          {t('open')}
        </Button>
      </Page>
    );
  return (
    <Page title={t('title')}>
      <Pending rows={2} />
    </Page>
  );
}

function Guest({ visit, refresh }: { visit: GuestVisit; refresh: () => void }) {
  const { t } = useTranslation('guest');
  const [audioOnly, setAudioOnly] = useState(false);
  const [over, setOver] = useState<RevokeReason | 'refused' | 'left'>();
  const onOver = useCallback(
    (reason: RevokeReason | 'refused' | 'left') => {
      setOver(reason);
      refresh();
    },
    [refresh],
  );
  if (visit.state === 'admitted' && over === undefined)
    return (
      <div className={classes.call}>
        <h1 className="afar-hidden">{t('title')}</h1>
        <CallStage
          visitId={visit.visit}
          role="guest"
          join="/api/visit-guest/join"
          otherName={visit.clinician}
          variant="full"
          choices={{ audioOnly }}
          onOver={onOver}
        />
      </div>
    );
  if (over === 'ended' || over === 'ejected')
    return (
      <Page title={t('overTitle')}>
        <Notice title={t('overTitle')}>{t('over')}</Notice>
      </Page>
    );
  if (visit.state === 'admitted')
    return (
      <Page title={t('outside')} lead={t('outsideText')}>
        <Button size="lg" onClick={() => setOver(undefined)} data-testid="rejoin">
          {t('back')}
        </Button>
      </Page>
    );
  return (
    <Page
      title={t('waiting', { name: visit.clinician })}
      lead={t(visit.state === 'asking' ? 'asking' : 'waitingText')}
    >
      <div className={classes.wait} data-testid="guest-waits">
        <p role="status">
          {t('as', { name: visit.name, role: t(`role.${visit.kind}`) })} · <When at={visit.start} />
        </p>
        {visit.kind !== 'observer' && (
          <SegmentedControl
            aria-label={t('howToJoin')}
            value={audioOnly ? 'voice' : 'video'}
            onChange={(value) => setAudioOnly(value === 'voice')}
            data={[
              { value: 'video', label: t('video') },
              { value: 'voice', label: t('voice') },
            ]}
          />
        )}
        {visit.kind !== 'observer' && (
          <LightCheck voice={audioOnly} onVoice={() => setAudioOnly(true)} />
        )}
        <StaffJoin visit={visit} />
        <p className={classes.soft}>{t('private')}</p>
        <GoAway visit={visit} />
      </div>
    </Page>
  );
}

/** She may think better of it: her link is over then. */
function GoAway({ visit }: { visit: GuestVisit }) {
  const { t } = useTranslation('panels');
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: () => api.post('/api/visit-guest/leave'),
    // The cookie is gone with it: nobody can be asked any more.
    onSuccess: () => client.setQueryData(queryKey, { ...visit, state: 'left' }),
  });
  return (
    <div className={classes.check}>
      <Button variant="subtle" loading={leave.isPending} onClick={() => leave.mutate()}>
        {t('door.away')}
      </Button>
      <p className={classes.soft}>{t('door.awaySure')}</p>
      {leave.isError && <Trouble error={leave.error} />}
    </div>
  );
}
