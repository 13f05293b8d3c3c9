/** Pages for addresses that lead nowhere, for a clinic that cannot be reached, and for pages that failed. */
import { Button } from '@mantine/core';
import { onlineManager } from '@tanstack/react-query';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../kit/api.ts';
import { Empty } from '../kit/empty.tsx';
import { Page } from '../kit/page.tsx';

export function NotFound() {
  const { t } = useTranslation('shell');
  return (
    <Page title={t('notFound.title')}>
      <Empty text={t('notFound.text')}>
        <Button component={Link} to="/">
          {t('notFound.home')}
        </Button>
      </Empty>
    </Page>
  );
}

/** What Chromium, Firefox, Safari and Vite's loader of styles say of a part of the app that did not come. */
const unfetched =
  /dynamically imported module|importing a module script failed|unable to preload css/i;

/** What failed tells which page: without the clinic it waits and goes on by itself, else it is ours. */
export function Broken({ error, reset }: ErrorComponentProps) {
  if (error instanceof ApiError && error.passing) return <Away reset={reset} />;
  if (error instanceof Error && unfetched.test(error.message)) return <Unfetched />;
  return <Stopped reset={reset} />;
}

/** A page that was not opened before, and that the router has tried to fetch by loading once more: the network, or the page itself. */
function Unfetched() {
  const [there, setThere] = useState(false);
  const look = useEffectEvent(async (then: () => void) => {
    const reached = await fetch('/', { method: 'HEAD', cache: 'no-store' }).catch(() => undefined);
    // A proxy that says that nobody is behind it is not the clinic.
    if (reached?.ok) then();
  });
  useEffect(() => void look(() => setThere(true)), []);
  if (there) return <Stopped reset={() => undefined} />;
  // Not before the clinic answers: where nothing is kept, loading would end at the browser's own page.
  return <Away reset={() => void look(() => location.reload())} />;
}

function Away({ reset }: { reset: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const again = useEffectEvent(() => {
    reset();
    void router.invalidate();
  });
  // A new try when the network is back, and every ten seconds: it may be the clinic that was away.
  useEffect(() => {
    const stop = onlineManager.subscribe((online) => {
      if (online) again();
    });
    const timer = setInterval(() => again(), 10_000);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  return (
    <Page title={t('trouble.offline.title')}>
      <Empty text={t('trouble.offline.text')}>
        <Button
          onClick={() => {
            reset();
            void router.invalidate();
          }}
        >
          {t('retry')}
        </Button>
      </Empty>
    </Page>
  );
}

function Stopped({ reset }: { reset: () => void }) {
  const { t } = useTranslation('shell');
  return (
    <Page title={t('broken.title')}>
      <Empty text={t('broken.text')}>
        <Button
          onClick={() => {
            reset();
            location.reload();
          }}
        >
          {t('broken.reload')}
        </Button>
      </Empty>
    </Page>
  );
}
