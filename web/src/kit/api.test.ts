/** Requests whose asker is gone: broken off, but heard out once the session has ended. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { api, watch } from './api.ts';

let server: Server;
let url: string;
let asked: (response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((_request, response) => asked(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());
afterEach(() => {
  delete watch.revoked;
  delete watch.ended;
});

const outcome = { issue: [{ details: { coding: [{ code: 'device-revoked' }] } }] };

describe('a request whose asker is gone', () => {
  it('says still that the device was signed out from afar, once another answer ended the session', async () => {
    const waiting = new Promise<ServerResponse>((done) => (asked = done));
    const told = new Promise<void>((done) => (watch.revoked = done));
    const asker = new AbortController();
    const answer = api.get(url, { signal: asker.signal });
    const response = await waiting;
    watch.ended = true;
    asker.abort();
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(outcome));
    await told;
    await expect(answer).rejects.toMatchObject({ reason: 'device-revoked' });
  });

  it('is no news of who signed in since', async () => {
    const waiting = new Promise<ServerResponse>((done) => (asked = done));
    let wiped = false;
    watch.revoked = () => (wiped = true);
    const answer = api.get(url);
    const response = await waiting;
    watch.session += 1;
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(outcome));
    await expect(answer).rejects.toMatchObject({ status: 0 });
    expect(wiped).toBe(false);
  });

  it('is broken off while she is signed in', async () => {
    const waiting = new Promise<ServerResponse>((done) => (asked = done));
    const asker = new AbortController();
    const answer = api.get(url, { signal: asker.signal });
    const response = await waiting;
    asker.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });
});
