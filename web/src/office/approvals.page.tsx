/** What waits for a second administrator, and what was decided. */
import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DecidedApproval, DecidedSecrets } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { Empty } from '../kit/empty.tsx';
import { Qr } from '../kit/qr.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { ApprovalRow } from './approval-row.tsx';
import classes from './approvals.module.css';
import rows from './list.module.css';
import { OfficeTabs } from './office-tabs.tsx';
import { approvalsQuery } from './queries.ts';
import { Secret } from './secrets.tsx';

export function ApprovalsPage() {
  const { t } = useTranslation('approvals');
  const found = useQuery(approvalsQuery);
  const [done, setDone] = useState<DecidedApproval>();
  const all = found.data?.approvals ?? [];
  const open = all.filter((one) => one.state === 'open');
  const decided = all.filter((one) => one.state !== 'open');
  return (
    <Page title={t('title')} lead={t('lead')} width="normal">
      <OfficeTabs />
      {found.isPending && <Pending rows={3} height={96} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && (
        <>
          <h2 className={classes.section}>{t('waiting')}</h2>
          {open.length === 0 ? (
            <Empty text={t('nothingOpen')} />
          ) : (
            <ul className={rows.list}>
              {open.map((one) => (
                <ApprovalRow key={one.id} approval={one} onDecided={setDone} />
              ))}
            </ul>
          )}
          <h2 className={classes.section}>{t('decided')}</h2>
          {decided.length === 0 ? (
            <Text c="dimmed">{t('nothingDecided')}</Text>
          ) : (
            <ul className={rows.list}>
              {decided.map((one) => (
                <ApprovalRow key={one.id} approval={one} onDecided={setDone} />
              ))}
            </ul>
          )}
        </>
      )}
      <Key done={done} onDone={() => setDone(undefined)} />
    </Page>
  );
}

/** The half of what signs somebody in that the one who decides hands over. */
function Key({ done, onDone }: { done: DecidedApproval | undefined; onDone: () => void }) {
  const { t } = useTranslation('approvals');
  const { t: office } = useTranslation('office');
  const { t: common } = useTranslation();
  const { name, totpSecret, totpUri, url } = (done?.result ?? {}) as Partial<DecidedSecrets> & {
    url?: string;
  };
  return (
    <Dialog
      opened={name !== undefined}
      onClose={onDone}
      title={t('key.title')}
      size="lg"
      closeOnClickOutside={false}
    >
      <Stack gap="lg" data-testid="decided">
        {totpSecret && totpUri ? (
          <>
            <Notice tone="warm" title={office('secrets.once')}>
              {t('key.text', { name })}
            </Notice>
            <Qr value={totpUri} label={office('secrets.qr')} />
            <Text>{office('secrets.scan')}</Text>
            <Secret label={office('secrets.key')} value={totpSecret} />
          </>
        ) : url ? (
          <>
            <Notice tone="warm" title={office('secrets.once')}>
              {t('key.invitation', { name })}
            </Notice>
            <Secret label={t('key.link')} value={url} />
          </>
        ) : (
          <Text>{t('key.done', { name })}</Text>
        )}
        <Button onClick={onDone}>{common('done')}</Button>
      </Stack>
    </Dialog>
  );
}
