/** My licence: what the clinic has of it, what is missing, and entering a new one. */
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCertificate } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MyLicences } from '@afar/access/contract';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { LicenceCard } from '../../kit/licence-card.tsx';
import classes from '../../kit/licence-card.module.css';
import { LicenceForm } from '../../kit/licence-form.tsx';
import { myLicencesQuery } from '../../kit/licences.ts';
import { Page, Pending } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';

const day = 86_400_000;

/** What she should know first, in one word. */
function standingOf({ required, inForce, licences }: MyLicences, now: number) {
  if (!required) return 'notAsked';
  const ends = Math.max(
    0,
    ...licences.filter((one) => one.state === 'verified').map((one) => one.expires),
  );
  if (inForce) return ends - now < 30 * day ? 'ending' : 'inForce';
  if (licences.some((one) => one.state === 'submitted')) return 'waiting';
  return licences.some((one) => one.state === 'suspended') ? 'suspended' : 'missing';
}

export function LicencePage() {
  const { t } = useTranslation('licences');
  const now = useNow(60_000);
  const [adding, { open, close }] = useDisclosure(false);
  const mine = useQuery(myLicencesQuery);
  const standing = mine.data && standingOf(mine.data, now);
  return (
    <Page
      title={t('mine.title')}
      lead={t('mine.lead')}
      actions={
        <Button leftSection={<IconCertificate size={20} aria-hidden="true" />} onClick={open}>
          {t('mine.add')}
        </Button>
      }
    >
      {mine.isPending && <Pending rows={2} height={140} />}
      {mine.isError && <Trouble error={mine.error} retry={() => void mine.refetch()} />}
      {standing && (
        <Notice
          tone={standing === 'inForce' ? 'good' : standing === 'notAsked' ? 'calm' : 'warm'}
          title={t(`mine.${standing}.title`)}
        >
          {t(`mine.${standing}.text`)}
        </Notice>
      )}
      {mine.data?.licences.length === 0 && <Empty text={t('mine.none')} />}
      {mine.data && mine.data.licences.length > 0 && (
        <ul className={classes.list} style={{ marginBlockStart: '1.5rem' }}>
          {mine.data.licences.map((licence) => (
            <LicenceCard key={licence.id} licence={licence} />
          ))}
        </ul>
      )}
      <Dialog opened={adding} onClose={close} title={t('form.title')} size="lg">
        <LicenceForm onDone={close} />
      </Dialog>
    </Page>
  );
}
