/** Who may see my record: who does, what I have decided, and deciding more. */
import { Button } from '@mantine/core';
import { IconLock, IconLockOpen2, IconQrcode } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../kit/page.tsx';
import { useMe } from '../../shell/session.ts';
import { useSubject } from '../subject.ts';
import { ConsentDialog } from './consent-dialog.tsx';
import { ConsentList } from './consent-list.tsx';
import type { Someone } from './queries.ts';
import classes from './consents.module.css';
import { WhoMaySee } from './who-may-see.tsx';

interface Deciding {
  type: 'permit' | 'deny';
  someone?: Someone;
}

export function ConsentsPage() {
  const { t } = useTranslation('consents');
  const { t: links } = useTranslation('links');
  const me = useMe();
  const [deciding, setDeciding] = useState<Deciding>();
  const { patient } = useSubject();
  // Who acts for another decides in her own name.
  const proxy = me.proxies?.find((one) => one.patient === patient);
  const self = proxy ? `RelatedPerson/${proxy.related}` : `Patient/${patient}`;
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <div className={classes.actions}>
          <Button
            leftSection={<IconLockOpen2 size={18} aria-hidden="true" />}
            onClick={() => setDeciding({ type: 'permit' })}
          >
            {t('allow')}
          </Button>
          <Button
            variant="default"
            component={Link}
            to="/patient/sharing/links"
            leftSection={<IconQrcode size={18} aria-hidden="true" />}
          >
            {links('title')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconLock size={18} aria-hidden="true" />}
            onClick={() => setDeciding({ type: 'deny' })}
          >
            {t('deny')}
          </Button>
        </div>
      }
    >
      <ConsentList patient={patient} />
      <WhoMaySee
        patient={patient}
        onKeepOut={(someone) => setDeciding({ type: 'deny', someone })}
      />
      {deciding && (
        <ConsentDialog
          type={deciding.type}
          someone={deciding.someone}
          patient={patient}
          self={self}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </Page>
  );
}
