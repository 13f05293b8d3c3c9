/** Signing in: e-mail and password, then a code for staff; and the demo clinic's open door. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me } from '@afar/access/contract';
import { Wordmark } from '../kit/logo.tsx';
import { usePageTitle } from '../kit/page.tsx';
import { Horizon } from '../kit/sky.tsx';
import { Notice } from '../kit/trouble.tsx';
import { CodeForm } from './code-form.tsx';
import { DemoPanel } from './demo-panel.tsx';
import { PasswordForm } from './password-form.tsx';
import { LanguageSelect } from './preferences.tsx';
import { demoQuery, homeOf, takeEnded } from './session.ts';
import classes from './sign-in.module.css';

export function SignInPage() {
  const { t } = useTranslation('shell');
  const navigate = useNavigate();
  const { next } = useSearch({ from: '/sign-in' });
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [ended] = useState(takeEnded);
  const [now] = useState(Date.now);
  const demo = useQuery(demoQuery);
  usePageTitle(t('signIn.title'));

  const enter = (me: Me): void => void navigate({ to: next ?? homeOf(me.role), replace: true });

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
        <div className={classes.form}>
          <h1 className={classes.title}>{step === 'code' ? t('code.title') : t('signIn.title')}</h1>
          {ended && step === 'password' && <Notice title={t('signIn.expired')} />}
          {step === 'password' ? (
            <PasswordForm onSignedIn={enter} onSecondFactor={() => setStep('code')} />
          ) : (
            <CodeForm onSignedIn={enter} onOther={() => setStep('password')} />
          )}
          {step === 'password' && demo.data && demo.data.accounts.length > 0 && (
            <DemoPanel accounts={demo.data.accounts} onSignedIn={enter} />
          )}
        </div>
        <p className={classes.private}>
          <IconLock size={18} aria-hidden="true" />
          {t('signIn.private')}
        </p>
      </div>
    </div>
  );
}
