/** Starts the web app: words, theme, queries, router, and the worker that keeps the shell. */
import '@fontsource-variable/figtree/wght.css';
import '@fontsource/noto-sans/vietnamese-400.css';
import '@fontsource/noto-sans/vietnamese-600.css';
import '@fontsource/noto-sans-arabic/arabic-400.css';
import '@fontsource/noto-sans-arabic/arabic-600.css';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './shell/theme.css';
import { DirectionProvider, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import {
  MutationCache,
  onlineManager,
  QueryCache,
  QueryClient,
  QueryClientProvider,
} from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, watch } from './kit/api.ts';
import { PagePending } from './kit/page.tsx';
import { styleNonce } from './shell/nonce.ts';
import { startWords } from './shell/i18n.ts';
import { makeRouter } from './shell/router.tsx';
import { sessionEnded } from './shell/session.ts';
import { cssVariables, theme } from './shell/theme.ts';
import { wipeDevice } from './shell/wipe.ts';

const onError = (error: Error): void => {
  if (error instanceof ApiError && error.status === 401) {
    sessionEnded(client);
    void router.invalidate();
  }
};

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (count, error) => error instanceof ApiError && error.passing && count < 3,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

const router = makeRouter(client);
watch.revoked = () => {
  wipeDevice(client);
  void router.invalidate();
};

// Opened without a network the page must know it from the start; later the browser tells.
onlineManager.setOnline(navigator.onLine);

await startWords();
createRoot(document.getElementById('root')!).render(
  <DirectionProvider>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={client}>
        <Suspense fallback={<PagePending />}>
          <RouterProvider router={router} />
        </Suspense>
        <Notifications position="top-center" autoClose={5000} />
      </QueryClientProvider>
    </MantineProvider>
  </DirectionProvider>,
);

if (import.meta.env.PROD && 'serviceWorker' in navigator) keepShell().catch(() => undefined); // without it the app only needs a network

/** Keeps the app on this device: what opens any page, and what this one fetched past its worker, the first one or that of a new build. */
async function keepShell(): Promise<void> {
  const { serviceWorker } = navigator;
  const tell = (fetched: PerformanceEntryList): void => {
    const paths = fetched.map(({ name }) => new URL(name).pathname);
    const keep = paths.filter((path) => path.startsWith('/assets/'));
    if (keep.length > 0) serviceWorker.controller?.postMessage({ keep });
  };
  serviceWorker.addEventListener('controllerchange', () =>
    tell(performance.getEntriesByType('resource')),
  );
  await serviceWorker.register('/sw.js');
  await serviceWorker.ready;
  new PerformanceObserver((list) => tell(list.getEntries())).observe({
    type: 'resource',
    buffered: true,
  });
}
