/** Service worker: keeps the app's shell so that it opens without a network; never an answer, never PHI. */
declare const self: ServiceWorkerGlobalScope;

/** Every built file, and those by which any page opens. */
const files: ReadonlySet<string> = new Set(JSON.parse('__SHELL_FILES__') as string[]);
const core = JSON.parse('__SHELL_CORE__') as string[];
const cachePrefix = 'afar-shell-';
const cacheName = `${cachePrefix}__SHELL_STAMP__`;
const shellPage = '/';
const fixed = [
  '/manifest.webmanifest',
  '/icons/mark.svg',
  '/icons/icon-192.png',
  '/icons/icon-512.png',
];

// Not all there is: the pages of every role in every language are 4 MB, and a phone on a weak line is waiting for one of them.
self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll([shellPage, ...fixed, ...core]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver().then(() => self.clients.claim()));
});

/** What was kept of a build before and is the same in this one need not come again; the rest of it goes. */
async function takeOver(): Promise<void> {
  const cache = await caches.open(cacheName);
  for (const name of await caches.keys()) {
    if (!name.startsWith(cachePrefix) || name === cacheName) continue;
    const before = await caches.open(name);
    for (const request of await before.keys()) {
      const kept = files.has(new URL(request.url).pathname) && (await before.match(request));
      // A device without room for it fetches it again.
      if (kept) await cache.put(request, kept).catch(() => undefined);
    }
    await caches.delete(name);
  }
}

/** A page answers from the network while there is one; offline it is the kept shell. */
async function page(request: Request): Promise<Response> {
  const kept = () => caches.match(shellPage, { cacheName });
  try {
    const answer = await fetch(request);
    // A proxy before a clinic that is away, or one that has too much to do: its page says less than ours, and does not go on by itself.
    return (answer.status >= 502 && answer.status <= 504 && (await kept())) || answer;
  } catch (error) {
    const shell = await kept();
    if (shell) return shell;
    throw error;
  }
}

/** Built files carry their hash in the name: what was used once is kept and never goes stale. */
async function asset(request: Request, path: string): Promise<Response> {
  const kept = await caches.match(request, { cacheName });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && files.has(path)) {
    const copy = answer.clone();
    // A device without room for it opens this page with a network only.
    void caches.open(cacheName).then((cache) => cache.put(request, copy).catch(() => undefined));
  }
  return answer;
}

/** A page tells what it had fetched before this worker was there. */
self.addEventListener('message', (event) => {
  const { keep } = (event.data ?? {}) as { keep?: unknown };
  const named = Array.isArray(keep) ? keep.filter((path) => files.has(path as string)) : [];
  event.waitUntil(keepAll(named as string[]));
});

async function keepAll(paths: readonly string[]): Promise<void> {
  const cache = await caches.open(cacheName);
  for (const path of paths)
    if (!(await cache.match(path))) await cache.add(path).catch(() => undefined);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // Whoever asks with a query wants the network itself.
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.search) return;
  // Anything that could carry a person's data is left to the browser and never stored here.
  if (/^\/(api|auth|oauth|fhir)(\/|$)/.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/') || fixed.includes(url.pathname))
    event.respondWith(asset(request, url.pathname));
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
