/** A third party's SMART app, of its own origin: the `fhirclient` library's browser build in two pages, as its makers would write them. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

export interface SmartApp {
  /** Another site than the clinic's: cookies of one are not sent by pages of the other. */
  origin: string;
  close(): Promise<void>;
}

const library = join(import.meta.dirname, '../node_modules/fhirclient/build/fhir-client.js');

const page = (script: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Growth chart</title><link rel="icon" href="data:,">
<script src="/fhir-client.js"></script></head>
<body><h1>Growth chart</h1><pre id="told">waiting</pre><script>${script}</script></body></html>`;

/** [SMART App Launch 2.2] With `iss` it begins by itself, with `launch` besides it was opened from a chart. */
const launchPage = page(`
  const asked = new URLSearchParams(location.search);
  FHIR.oauth2.authorize({
    clientId: asked.get('client') || sessionStorage.client || 'CLIENT',
    scope: asked.has('launch') ? 'LAUNCH_SCOPE' : 'STANDALONE_SCOPE',
    redirectUri: '/index.html',
    ...(asked.has('launch') ? {} : { iss: asked.get('iss') }),
  }).catch((error) => { document.querySelector('#told').textContent = 'failed: ' + error; });
`);

/** Reads what it was granted, and tries what it was not; every answer stands on the page. */
const indexPage = page(`
  const status = (client, url) =>
    client.request(url).then(() => 200, (error) => (error.statusCode || error.status || String(error)));
  // The library leaves it out by itself; who has no secret says who she is by her id [RFC 6749 3.2.1].
  FHIR.oauth2.settings.refreshTokenWithClientId = true;
  FHIR.oauth2.ready().then(async (client) => {
    const told = { patient: client.patient.id, encounter: client.encounter.id, user: client.user.fhirUser,
      scope: client.state.tokenResponse.scope, refresh: Boolean(client.state.tokenResponse.refresh_token) };
    told.name = (await client.patient.read()).resourceType;
    const own = await client.request('Observation?_count=200', { flat: true, pageLimit: 0 });
    told.categories = [...new Set(own.map((one) => one.category[0].coding[0].code))];
    told.owners = [...new Set(own.map((one) => one.subject.reference))];
    told.patients = (await client.request('Patient?_count=50', { flat: true })).length;
    told.condition = await status(client, 'Condition?_count=1');
    const other = localStorage.other;
    told.other = other ? await status(client, 'Patient/' + other) : undefined;
    told.everything = other ? await status(client, 'Patient/' + other + '/$everything') : undefined;
    told.account = await fetch(new URL('/api/account/apps', client.state.serverUrl),
      { headers: { authorization: 'Bearer ' + client.state.tokenResponse.access_token } }).then((one) => one.status, () => 'closed');
    if (told.refresh) { await client.refresh(); told.renewed = await status(client, 'Patient/' + client.patient.id); }
    window.smart = client;
    document.querySelector('#told').textContent = JSON.stringify(told);
  }).catch((error) => { document.querySelector('#told').textContent = 'failed: ' + error; });
`);

export async function startSmartApp(
  clientId: () => string,
  scopes: { standalone: string; launch: string },
): Promise<SmartApp> {
  const script = await readFile(library);
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url!, 'http://app');
    if (pathname === '/fhir-client.js')
      return res.setHeader('content-type', 'text/javascript').end(script);
    const found = { '/launch.html': launchPage, '/index.html': indexPage }[pathname];
    if (!found) return res.writeHead(404).end();
    res
      .setHeader('content-type', 'text/html')
      .end(
        found
          .replace('CLIENT', clientId())
          .replace('STANDALONE_SCOPE', scopes.standalone)
          .replace('LAUNCH_SCOPE', scopes.launch),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
