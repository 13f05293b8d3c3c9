/** Looks into a page's frame worker for a test: keeps sealed frames that came, and the keys it was given, and tries the ones on the others. */
import type { Page } from 'playwright-core';

/** Runs in the worker, before its own code. Tells what it finds over a channel of its own. */
const tap = `
{
  const frames = [], keys = [];
  let options;
  self.addEventListener('rtctransform', (event) => (options = event.transformer.options));
  self.addEventListener('message', ({ data }) => {
    if (data.type === 'peer-key') keys.push(data.key);
  });
  const Plain = self.TransformStream;
  self.TransformStream = class extends Plain {
    constructor(transformer) {
      const { direction } = options ?? {};
      super({
        transform(frame, out) {
          if (direction === 'receive' && frames.length < 400)
            frames.push(Array.from(new Uint8Array(frame.data)));
          return transformer.transform(frame, out);
        },
      });
    }
  };
  // As signalling.md K11 says it, written a second time.
  const opens = async (bytes, key) => {
    const sealed = new Uint8Array(bytes);
    const last = sealed.at(-1);
    const clear = [0, 3, 10][last & 3];
    const size = ((last >> 2) & 3) + 1;
    const header = sealed.slice(-(size + 3));
    const iv = new Uint8Array(12);
    iv[0] = last >> 4;
    iv.set(header.subarray(0, size), 12 - size);
    const additionalData = new Uint8Array([...sealed.subarray(0, clear), ...header]);
    const body = sealed.subarray(clear, sealed.length - size - 3);
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, body).then(
      () => true,
      () => false,
    );
  };
  const channel = new BroadcastChannel('frame-tap');
  channel.addEventListener('message', async ({ data }) => {
    if (data.ask === 'frames') channel.postMessage({ frames: frames.slice(0, 120) });
    if (data.ask === 'clear') frames.length = 0;
    if (data.ask === 'try') {
      let opened = 0;
      for (const frame of data.frames)
        for (const key of keys) if (await opens(frame, key)) { opened++; break; }
      channel.postMessage({ opened, keys: keys.length });
    }
  });
}
`;

/** Before the page is opened. */
export async function tapFrames(page: Page): Promise<void> {
  await page.context().route(/\/assets\/frame-worker[^/]*\.js/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: tap + (await answer.text()) });
  });
}

const ask = <T>(page: Page, question: object): Promise<T> =>
  page.evaluate(
    (said) =>
      new Promise((resolve) => {
        const channel = new BroadcastChannel('frame-tap');
        channel.addEventListener('message', ({ data }) => {
          channel.close();
          resolve(data as never);
        });
        channel.postMessage(said);
      }),
    question,
  );

/** Sealed frames of others as they came to this page, oldest first. */
export const sealedFrames = async (page: Page): Promise<number[][]> =>
  (await ask<{ frames: number[][] }>(page, { ask: 'frames' })).frames;

/** How many of these frames any key this page was ever given opens. */
export const tryFrames = (
  page: Page,
  frames: number[][],
): Promise<{ opened: number; keys: number }> => ask(page, { ask: 'try', frames });

/** From its next load on this page sends its frames as they are: the seal is taken off the senders. */
export const sendInTheClear = (page: Page) =>
  page.addInitScript(() => {
    Object.defineProperty(RTCRtpSender.prototype, 'transform', {
      configurable: true,
      get: () => null,
      set() {
        // as a browser of somebody who wants to be heard without keys
      },
    });
  });
