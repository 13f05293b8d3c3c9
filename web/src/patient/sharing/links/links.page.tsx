/** Share links: her record, or a part of it, for somebody without an account; for a while, with a PIN told apart. */
import { Button } from '@mantine/core';
import { IconQrcode } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewLink } from '@afar/sharing/contract';
import { Dialog } from '../../../kit/dialog.tsx';
import { Page } from '../../../kit/page.tsx';
import { useMe } from '../../../shell/session.ts';
import { LinkForm } from './link-form.tsx';
import { LinkList } from './link-list.tsx';
import { LinkMade } from './link-made.tsx';

export function LinksPage() {
  const { t } = useTranslation('links');
  const me = useMe();
  const proxy = me.fhirUser?.type === 'RelatedPerson' ? me.proxies?.[0] : undefined;
  const patient = proxy?.patient ?? me.fhirUser?.id ?? '';
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewLink>();
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      back={{ to: '/patient/sharing', label: t('back') }}
      actions={
        <Button
          leftSection={<IconQrcode size={20} aria-hidden="true" />}
          onClick={() => setMaking(true)}
          data-testid="new-link"
        >
          {t('new')}
        </Button>
      }
    >
      <LinkList patient={patient} />
      <Dialog opened={making} onClose={() => setMaking(false)} title={t('form.title')} size="lg">
        <LinkForm
          patient={patient}
          onMade={(link) => {
            setMaking(false);
            setMade(link);
          }}
        />
      </Dialog>
      <Dialog
        opened={made !== undefined}
        onClose={() => setMade(undefined)}
        title={t('made.title')}
        size="lg"
        closeOnClickOutside={false}
      >
        {made && <LinkMade made={made} onDone={() => setMade(undefined)} />}
      </Dialog>
    </Page>
  );
}
