/** What is around every page: skip link, offline banner, the page's frame, a voice for what changes. */
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PagePending } from '../kit/page.tsx';
import { Frame } from './frame.tsx';
import { LockdownBanner } from './lockdown-banner.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { IdleWatch } from './idle.tsx';
import { meQuery } from './session.ts';
import { StepUp } from './step-up.tsx';

export function Root() {
  const { t } = useTranslation('shell');
  const { data: me } = useQuery(meQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  // A new page is a new place: focus follows, so that the next Tab and a screen reader start there.
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [path]);

  const page = (
    <main id="main" ref={main} tabIndex={-1}>
      <Suspense fallback={<PagePending />}>
        <Outlet />
      </Suspense>
    </main>
  );
  return (
    <>
      <a className="afar-skip" href="#main">
        {t('skip')}
      </a>
      <OfflineBanner />
      <LockdownBanner />
      <Frame me={me}>{page}</Frame>
      <Suspense>
        <StepUp />
        {me && <IdleWatch me={me} />}
      </Suspense>
    </>
  );
}
