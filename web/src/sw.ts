/** Service worker: keeps the app's shell so that it opens without a network; never an answer, never PHI. */
declare const self: ServiceWorkerGlobalScope;

const files = JSON.parse('__SHELL_FILES__') as string[];
const cacheName = 'afar-shell-__SHELL_STAMP__';
const shellPage = '/';
const fixed = [
  '/manifest.webmanifest',
  '/icons/mark.svg',
  '/icons/icon-192.png',
  '/icons/icon-512.png',
];

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll([shellPage, ...fixed, ...files]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('afar-shell-') && name !== cacheName)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

/** A page answers from the network while there is one; offline it is the kept shell. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(shellPage, { cacheName });
    if (kept) return kept;
    throw error;
  }
}

/** Built files carry their hash in the name: what is kept never goes stale. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName })) ?? fetch(request);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  // Anything that could carry a person's data is left to the browser and never stored here.
  if (/^\/(api|auth|oauth|fhir)(\/|$)/.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/') || fixed.includes(url.pathname))
    event.respondWith(asset(request));
});

/** What a push says: that something waits, and where. No name, nothing clinical: it went through a stranger's service. */
interface Pushed {
  title?: string;
  text?: string;
  url?: string;
  tag?: string;
}

self.addEventListener('push', (event) => {
  let pushed: Pushed = {};
  try {
    pushed = (event.data?.json() ?? {}) as Pushed;
  } catch {
    // Not ours, or cut off: the browser wants something shown all the same.
  }
  const { title = 'Afar', text = '', url = '/', tag } = pushed;
  event.waitUntil(
    self.registration.showNotification(title, {
      body: text,
      icon: '/icons/icon-192.png',
      badge: '/icons/icon-192.png',
      // A page of this app, whatever it says.
      data: { url: /^\/(?!\/)/.test(url) ? url : '/' },
      ...(tag && { tag }),
    }),
  );
});

/** Brings the app forward where it is open, and opens it where it is not. */
async function show(path: string): Promise<void> {
  const open = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [first] = open;
  // A call is not left because something was tapped: it gets a window of its own.
  if (first && !/\/room$|\/clinician\/visits\//.test(new URL(first.url).pathname)) {
    await first.focus();
    await first.navigate(path).catch(() => self.clients.openWindow(path));
    return;
  }
  await self.clients.openWindow(path);
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url = '/' } = (event.notification.data ?? {}) as Pushed;
  event.waitUntil(show(url));
});

export {};
