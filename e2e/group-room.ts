/** A room of many for a test: a visit under way, guests invited over HTTP, let in on screen by the clinician and the patient. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { hasChromium, openBrowser, openSharedBrowser, type Person } from './browser.ts';
import { type ClinicDay, openClinic } from './clinic-day.ts';
import { signIn, type Session } from './people.ts';
import { type Product, startProduct } from './product.ts';
import { book, enterWaitingRoom, signInOnScreen } from './steps.ts';

export const hasJanus = ['/usr/bin/janus', '/usr/local/bin/janus', '/opt/janus/bin/janus'].some(
  (path) => existsSync(path),
);
export const canSeatMany = hasChromium && hasJanus;
if (!canSeatMany)
  process.stderr.write(
    '\n!! No Janus or no Chromium here: rooms of three to eight are NOT tested.\n\n',
  );

export interface Counters {
  phase?: string;
  engine?: string;
  epoch?: number;
  restarts?: number;
  rejoined?: readonly string[];
  framesSealed?: number;
  peers?: Record<
    string,
    { received: number; pictures: number; voices: number; asides: number; refused: number }
  >;
  arrivals?: {
    peer: string;
    stream: string;
    framesDecoded: number;
    width?: number;
    height?: number;
  }[];
}

export const countersOf = (page: Page): Promise<Counters> =>
  page.evaluate(() => (window as unknown as { __afarCall?: Counters }).__afarCall ?? {});

/** Four browsers, a server, a database and Janus on two cores: minutes, not seconds, before it is called broken, ms. */
const patience = 90_000;

export async function until(ask: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`not within ${patience / 1000} s: ${what}`);
    await sleep(250);
  }
}

/** Peers whose pictures this page decodes, with more than so many of each. */
export async function decoded(page: Page, more = 10): Promise<string[]> {
  const { arrivals = [] } = await countersOf(page);
  return arrivals
    .filter(({ stream, framesDecoded }) => stream === 'video' && framesDecoded > more)
    .map(({ peer }) => peer);
}

export interface Room {
  product: Product;
  day: ClinicDay;
  visit: string;
  doctor: Page;
  patient: Page;
  desk: Session;
  /** One more browser, nobody in it yet. */
  page(width: number, height: number): Promise<Page>;
  /** Brings one more browser in: invited, at the door, let in. */
  guest(
    kind: string,
    name: string,
    prepare?: (page: Page) => Promise<void>,
    /** On a phone, by voice alone, and muted: she listens. */
    small?: boolean,
  ): Promise<Page>;
  close(): Promise<void>;
}

/** The two of the visit, in their call. */
export async function openRoom(prepare?: (doctor: Page) => Promise<void>): Promise<Room> {
  const product = await startProduct();
  const people: { close(): Promise<void> }[] = [];
  /** All who come on phones have one: it is opened for the first of them. */
  let phones: ReturnType<typeof openSharedBrowser> | undefined;
  const looks = { fps: 8, still: true };
  const page = async (width: number, height: number): Promise<Page> =>
    pageOf(await openBrowser({ width, height, ...looks }));
  const phone = async (): Promise<Page> => {
    phones ??= openSharedBrowser(looks);
    return pageOf(await (await phones).person({ width: 360, height: 740, ...looks }));
  };
  const pageOf = async (person: Person): Promise<Page> => {
    people.push(person);
    // What it would keep and hand out, a test could not look into.
    await person.context.addInitScript(() => {
      const never = () => new Promise(() => undefined);
      Object.defineProperty(navigator.serviceWorker, 'register', { value: never });
    });
    const made = await person.context.newPage();
    made.setDefaultTimeout(patience);
    return made;
  };
  const close = async (): Promise<void> => {
    await Promise.allSettled(people.map((person) => person.close()));
    await (await phones)?.close();
    await product.stop();
  };
  try {
    const day = await openClinic(product);
    const patient = await page(360, 740);
    const doctor = await page(1440, 900);
    await signInOnScreen(patient, product.baseUrl, day.patient);
    const visit = await book(patient, day);
    await enterWaitingRoom(patient, product.baseUrl, visit);
    const desk = await signIn(product.baseUrl, day.doctor);
    await signInOnScreen(doctor, product.baseUrl, day.doctor);
    await prepare?.(doctor);
    await doctor.goto(`${product.baseUrl}/clinician/visits/${visit}`);
    await doctor.getByTestId('admit').click();
    await doctor.getByTestId('safety-code').waitFor();
    return {
      product,
      day,
      visit,
      doctor,
      patient,
      desk,
      page,
      close,
      async guest(kind, name, before, small = false) {
        const invited = await desk.post<{ link: string }>(`/api/visits/${visit}/guests`, {
          kind,
          name,
        });
        if (invited.status !== 201)
          throw new Error(`not invited: ${invited.status} ${JSON.stringify(invited.body)}`);
        const own = await (small ? phone() : page(1440, 900));
        await before?.(own);
        const link = new URL(invited.body.link);
        await own.goto(product.baseUrl + link.pathname + link.hash);
        await own.getByTestId('open-invitation').click();
        await own.getByTestId('guest-waits').waitFor();
        if (small) await own.getByText('By voice').click();
        await letIn(doctor, patient);
        await until(async () => (await countersOf(own)).phase === 'live', `${name} is in the call`);
        if (small) await own.getByRole('button', { name: 'Mute microphone' }).click();
        return own;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function letIn(doctor: Page, patient: Page): Promise<void> {
  await doctor.getByTestId('at-the-door').waitFor();
  const list = doctor.getByTestId('people-panel');
  if (!(await list.isVisible())) await doctor.getByTestId('people').click();
  await doctor.getByTestId('admit-guest').first().click();
  await patient.getByTestId('guest-agree').click();
  await doctor.getByTestId('guest-waiting').waitFor({ state: 'detached' });
  await doctor.keyboard.press('Escape');
}
