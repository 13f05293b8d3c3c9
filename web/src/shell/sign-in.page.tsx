/** Signing in: a passkey, or e-mail and password and what else is asked for; the way back in; the demo clinic's open door. */
import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me, SecondFactor } from '@afar/access/contract';
import { Wordmark } from '../kit/logo.tsx';
import { usePageTitle } from '../kit/page.tsx';
import { Horizon } from '../kit/sky.tsx';
import { Notice } from '../kit/trouble.tsx';
import { DemoPanel } from './demo-panel.tsx';
import { ExternalFaultNotice, ExternalSignIn } from './external-sign-in.tsx';
import { Forgotten } from './forgotten.tsx';
import { PasswordForm } from './password-form.tsx';
import { LanguageSelect } from './preferences.tsx';
import { SecondFactorForm } from './second-factor.tsx';
import { demoQuery, homeOf, useEnded, useSession } from './session.ts';
import classes from './sign-in.module.css';

type Step = { at: 'password' | 'forgotten' } | { at: 'factor'; methods: SecondFactor[] };

export function SignInPage() {
  const { t } = useTranslation(['shell', 'sign-in', 'booking']);
  const navigate = useNavigate();
  const session = useSession();
  const { next, external, factors } = useSearch({ from: '/sign-in' });
  // Signed in elsewhere, where no second factor was asked: it is asked here.
  const [step, setStep] = useState<Step>(() =>
    factors ? { at: 'factor', methods: factors.split(',') as SecondFactor[] } : { at: 'password' },
  );
  const ended = useEnded();
  const [now] = useState(Date.now);
  const demo = useQuery(demoQuery);
  usePageTitle(t('signIn.title'));
  const enter = (me: Me): void => void navigate({ to: next ?? homeOf(me.role), replace: true });
  const begin = (): void => setStep({ at: 'password' });

  return (
    <div className={classes.split}>
      <section className={classes.scene} aria-hidden="true">
        <Horizon now={now} />
        <p className={classes.motto}>{t('signIn.lead')}</p>
      </section>
      <div className={classes.side}>
        <div className={classes.top}>
          <Wordmark size={34} />
          <LanguageSelect />
        </div>
        {step.at === 'forgotten' ? (
          <div className={classes.form}>
            <Forgotten onSignedIn={enter} onBack={begin} />
          </div>
        ) : (
          <div className={classes.form}>
            <h1 className={classes.title}>
              {step.at === 'factor' ? t('sign-in:factor.title') : t('signIn.title')}
            </h1>
            {step.at === 'password' && ended === 'idle' && <Notice title={t('signIn.expired')} />}
            {step.at === 'password' && ended === 'revoked' && (
              <Notice tone="warm" title={t('sign-in:wiped')} />
            )}
            {step.at === 'password' && external && <ExternalFaultNotice fault={external} />}
            {step.at !== 'factor' ? (
              <PasswordForm
                onSignedIn={enter}
                onSecondFactor={(methods) => setStep({ at: 'factor', methods })}
                onForgotten={() => setStep({ at: 'forgotten' })}
              />
            ) : (
              <>
                <SecondFactorForm
                  methods={step.methods}
                  purpose="second-factor"
                  prove={async (proof) => enter(await session.secondFactor(proof))}
                />
                <Anchor component="button" type="button" onClick={begin} ta="start">
                  {t('code.other')}
                </Anchor>
              </>
            )}
            {step.at === 'password' && <ExternalSignIn next={next} />}
            {step.at === 'password' && (
              <Anchor
                component={Link}
                to="/register"
                search={(next ? { next } : {}) as never}
                ta="start"
              >
                {t('signIn.register')}
              </Anchor>
            )}
            {step.at === 'password' && (
              <Anchor component={Link} to="/book" ta="start">
                {t('booking:browse.see')}
              </Anchor>
            )}
            {step.at === 'password' && demo.data && demo.data.accounts.length > 0 && (
              <DemoPanel accounts={demo.data.accounts} onSignedIn={enter} />
            )}
          </div>
        )}
        <p className={classes.private}>
          <IconLock size={18} aria-hidden="true" />
          {t('signIn.private')}
        </p>
      </div>
    </div>
  );
}
