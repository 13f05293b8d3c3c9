/** Her account: how well it is protected, what signs her in, where she is signed in, how she reads. */
import { useQuery } from '@tanstack/react-query';
import { IconShieldCheck, IconShieldExclamation } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Factors, Me } from '@afar/access/contract';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNavigate } from '@tanstack/react-router';
import { AppsCard } from '../authorize/apps-card.tsx';
import { useMe } from '../shell/session.ts';
import { ContactsCard } from './contacts/contacts-card.tsx';
import { Authenticator } from './authenticator.tsx';
import classes from './account.module.css';
import { Devices } from './devices.tsx';
import { LanguageZone } from './language-zone.tsx';
import { Passkeys } from './passkeys.tsx';
import { Password } from './password.tsx';
import { factorsQuery } from './queries.ts';
import { RecoveryCodesCard, ShownCodes } from './recovery-codes.tsx';

export function HomePage() {
  const { t } = useTranslation('account');
  const me = useMe();
  const factors = useQuery(factorsQuery);
  const navigate = useNavigate();
  const [codes, setCodes] = useState<string[]>();
  return (
    <Page title={t('title')} lead={t('lead')} width="narrow">
      {factors.isPending && <Pending rows={3} height={120} />}
      {factors.error && <Trouble error={factors.error} retry={() => void factors.refetch()} />}
      {factors.data && (
        <>
          <Strength me={me} factors={factors.data} />
          <div className={classes.cards}>
            <Passkeys factors={factors.data} onCodes={setCodes} />
            <Authenticator factors={factors.data} onCodes={setCodes} />
            <RecoveryCodesCard factors={factors.data} onCodes={setCodes} />
            {me.mfa && <Password />}
            <Devices />
            <AppsCard />
            <ContactsCard onOpen={() => void navigate({ to: '/account/contacts' })} />
            <LanguageZone me={me} />
          </div>
        </>
      )}
      <ShownCodes codes={codes} onKept={() => setCodes(undefined)} />
    </Page>
  );
}

/** Few enough to think of new ones. */
const fewCodes = 3;

function Strength({ me, factors }: { me: Me; factors: Factors }) {
  const { t } = useTranslation('account');
  if (!me.mfa)
    return (
      <Notice tone="warm" title={t('first.title')} icon={IconShieldExclamation}>
        {t('first.text')}
      </Notice>
    );
  if (!factors.totp && factors.passkeys.length === 0)
    return (
      <Notice tone="calm" title={t('strength.weak')} icon={IconShieldExclamation}>
        {t('strength.weakText')}
      </Notice>
    );
  const { recoveryCodes: count } = factors;
  if (count === 0)
    return (
      <Notice tone="warm" title={t('strength.codesTitle')} icon={IconShieldExclamation}>
        {t('strength.noCodes')}
      </Notice>
    );
  return (
    <Notice tone="good" title={t('strength.strong')} icon={IconShieldCheck}>
      {t('strength.strongText')} {count <= fewCodes && t('strength.fewCodes', { count })}
    </Notice>
  );
}
