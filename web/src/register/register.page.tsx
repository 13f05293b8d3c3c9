/** Opening an account: four small pages on a phone, kept in memory until the last one. */
import { Anchor } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../kit/api.ts';
import { Wordmark } from '../kit/logo.tsx';
import { Pending, usePageTitle } from '../kit/page.tsx';
import { Horizon } from '../kit/sky.tsx';
import { browserZone } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { LanguageSelect } from '../shell/preferences.tsx';
import { demoQuery, useSession } from '../shell/session.ts';
import sign from '../shell/sign-in.module.css';
import { AddressStep } from './address.tsx';
import { CodeStep } from './code.tsx';
import { emptyDraft, stepsOf, type Draft, type PersonFault, type StepName } from './draft.ts';
import { FamilyStep } from './family.tsx';
import { InvitationStep } from './invitation.tsx';
import { open, registrationQuery } from './queries.ts';
import { YouStep, type PasswordFault } from './you.tsx';

/** What the server refused of the second page's fields. */
function refusedOf(error: unknown): { person: PersonFault[]; password: PasswordFault | undefined } {
  const { issues } = asApiError(error);
  const places = issues[0]?.expression ?? [];
  const said = issues[0]?.diagnostics ?? '';
  const person = (['given', 'family', 'birthDate', 'sex'] as const).filter((one) =>
    places.includes(`person.${one}`),
  );
  const password = /12 char/.test(said) ? 'short' : /name/.test(said) ? 'own' : 'easy';
  return { person, password: places.includes('password') ? password : undefined };
}

export function RegisterPage() {
  const { t, i18n } = useTranslation('register');
  const navigate = useNavigate();
  const session = useSession();
  const { next } = useSearch({ from: '/register' });
  const registration = useQuery(registrationQuery);
  const demo = useQuery(demoQuery);
  const [now] = useState(Date.now);
  // The link's secret stands in the fragment, which no server is sent.
  const [token] = useState(() => window.location.hash.slice(1));
  const steps = stepsOf(token !== '');
  const [at, setAt] = useState<StepName>(steps[0]!);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  usePageTitle(t('title'));
  const change = (over: Partial<Draft>): void => setDraft((before) => ({ ...before, ...over }));
  const opening = useMutation({
    mutationFn: () =>
      open({
        proof: draft.proof!,
        password: draft.password,
        terms: registration.data!.terms,
        locale: i18n.language,
        zone: browserZone(),
        ...(draft.invitation ? { invitation: draft.invitation } : { person: draft.person }),
        ...(draft.dependants.length > 0 && { dependants: draft.dependants }),
      }),
    onSuccess: ({ me }) => {
      session.settle(me);
      void navigate({ to: next ?? '/patient', replace: true });
    },
    onError: (error) => {
      const refused = refusedOf(error);
      if (refused.password || refused.person.length > 0) setAt('you');
      if (asApiError(error).issues[0]?.expression?.[0] === 'proof') setAt('address');
    },
  });
  const place = { step: steps.indexOf(at) + 1, of: steps.length };
  const { mode, channels = [], majority = 18 } = registration.data ?? {};
  const shut =
    mode === 'closed' || (mode === 'invite' && token === '')
      ? mode
      : mode && channels.length === 0
        ? 'noWay'
        : undefined;

  return (
    <div className={sign.split}>
      <section className={sign.scene} aria-hidden="true">
        <Horizon now={now} />
        <p className={sign.motto}>{t('motto')}</p>
      </section>
      <div className={sign.side}>
        <div className={sign.top}>
          <Wordmark size={34} />
          <LanguageSelect />
        </div>
        <div className={sign.form}>
          {registration.isPending && <Pending rows={3} height={56} />}
          {registration.isError && (
            <Trouble error={registration.error} retry={() => void registration.refetch()} />
          )}
          {shut && (
            <>
              <h1 className={sign.title}>{t('title')}</h1>
              <Notice title={t(`shut.${shut}`)} />
            </>
          )}
          {mode && !shut && at === 'invitation' && (
            <InvitationStep
              {...place}
              token={token}
              onGreeted={(invitation, given) => {
                change({ invitation, given });
                setAt('address');
              }}
            />
          )}
          {mode && !shut && at === 'address' && (
            <AddressStep
              {...place}
              channels={channels}
              invitation={draft.invitation}
              onSent={(reached, sent) => {
                change({ reached, sent });
                setAt('code');
              }}
            />
          )}
          {at === 'code' && draft.reached && draft.sent && (
            <CodeStep
              {...place}
              demo={Boolean(demo.data)}
              asked={draft.reached}
              sent={draft.sent}
              onSent={(sent) => change({ sent })}
              onBack={() => setAt('address')}
              onProof={(proof) => {
                change({ proof });
                setAt('you');
              }}
            />
          )}
          {at === 'you' && (
            <YouStep
              {...place}
              majority={majority}
              person={draft.invitation ? undefined : draft.person}
              password={draft.password}
              refused={refusedOf(opening.error)}
              onChange={(over) => {
                opening.reset();
                change(over);
              }}
              onNext={() => setAt('family')}
            />
          )}
          {at === 'family' && (
            <FamilyStep
              {...place}
              family={draft.person.family}
              majority={majority}
              dependants={draft.dependants}
              pending={opening.isPending}
              error={opening.error}
              onChange={(dependants) => change({ dependants })}
              onOpen={() => opening.mutate()}
            />
          )}
          {at !== 'family' && (
            <p className={sign.private}>
              {t('have')}{' '}
              <Anchor component={Link} to="/sign-in">
                {t('signIn')}
              </Anchor>
            </p>
          )}
        </div>
        <p className={sign.private}>
          <IconLock size={18} aria-hidden="true" />
          {t('private')}
        </p>
      </div>
    </div>
  );
}
