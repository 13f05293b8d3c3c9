/** The switch: what a lockdown does, engaging it alone, lifting it with another. */
import { Button, Radio, Stack, Textarea } from '@mantine/core';
import { IconLock, IconLockOpen2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  EngageRequest,
  LiftAnswer,
  LockdownEngaged,
  LockdownMode,
  LockdownState,
} from '@afar/access/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Page, Pending } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { When } from '../../kit/when.tsx';
import { lockdownQuery } from '../../shell/lockdown.ts';

export function LockdownPage() {
  const { t } = useTranslation('lockdown');
  const state = useQuery(lockdownQuery);
  return (
    <Page title={t('title')} lead={t('lead')} width="narrow">
      {state.isPending && <Pending rows={2} height={120} />}
      {state.isError && <Trouble error={state.error} retry={() => void state.refetch()} />}
      {state.data && (state.data.mode ? <Locked state={state.data} /> : <Open />)}
    </Page>
  );
}

function Open() {
  const { t } = useTranslation('lockdown');
  const client = useQueryClient();
  const [mode, setMode] = useState<LockdownMode>('read-only');
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(false);
  const engage = useMutation({
    mutationFn: (body: EngageRequest) =>
      api.post<LockdownEngaged>('/api/lockdown', body, { deadline: 40_000 }),
    onSettled: () => client.invalidateQueries({ queryKey: ['lockdown'] }),
  });
  return (
    <Stack gap="lg">
      <Notice tone="good" title={t('open.title')}>
        {t('open.text')}
      </Notice>
      <Radio.Group
        label={t('open.how')}
        value={mode}
        onChange={(value) => setMode(value as LockdownMode)}
      >
        <Stack gap="md" mt="sm">
          <Radio value="read-only" label={t('mode.read-only')} description={t('does.read-only')} />
          <Radio value="closed" label={t('mode.closed')} description={t('does.closed')} />
        </Stack>
      </Radio.Group>
      <Textarea
        label={t('reason')}
        description={t('reasonHint')}
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {engage.error && <Trouble error={engage.error} kept />}
      <Button
        size="lg"
        color="brick"
        leftSection={<IconLock size={20} aria-hidden="true" />}
        disabled={!reason.trim()}
        onClick={() => setSure(true)}
        data-testid="lock"
      >
        {t('lock')}
      </Button>
      <Dialog opened={sure} onClose={() => setSure(false)} title={t(`mode.${mode}`)}>
        <Stack gap="md">
          <p style={{ margin: 0 }}>{t(`does.${mode}`)}</p>
          <p style={{ margin: 0 }}>{t('two')}</p>
          <Button
            color="brick"
            loading={engage.isPending}
            data-testid="lock-now"
            onClick={() => {
              setSure(false);
              engage.mutate({ mode, reason: reason.trim() });
            }}
          >
            {t('lockNow')}
          </Button>
        </Stack>
      </Dialog>
    </Stack>
  );
}

function Locked({ state }: { state: LockdownState }) {
  const { t } = useTranslation('lockdown');
  const client = useQueryClient();
  const lift = useMutation({
    mutationFn: () => api.post<LiftAnswer>('/api/lockdown/lift'),
    onSettled: () => client.invalidateQueries({ queryKey: ['lockdown'] }),
  });
  const { lifting, mode, since, reason, scope } = state;
  return (
    <Stack gap="lg">
      <Notice tone="warm" title={t(`mode.${mode!}`)} icon={IconLock}>
        {t('since')} <When at={since!} />. {t(`does.${mode!}`)}
        {scope === 'everywhere' && <p>{t('everywhere')}</p>}
        {reason && (
          <p>
            {t('reason')}: {reason}
          </p>
        )}
      </Notice>
      {lifting?.mine ? (
        <Notice title={t('asked')}>
          {t('askedText')} <When at={lifting.until} />
        </Notice>
      ) : (
        <>
          <p style={{ margin: 0 }}>{lifting ? t('yourTurn') : t('two')}</p>
          <Button
            size="lg"
            leftSection={<IconLockOpen2 size={20} aria-hidden="true" />}
            loading={lift.isPending}
            onClick={() => lift.mutate()}
            data-testid="lift"
          >
            {lifting ? t('liftNow') : t('askLift')}
          </Button>
        </>
      )}
      {lift.error && <Trouble error={lift.error} />}
    </Stack>
  );
}
