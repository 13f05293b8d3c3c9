/** The seven steps of the measurement, against a seeded set of charts. */
import { inParallel, send, type Step, type Target } from './load.ts';
import { codes, observation, patient, surname, transaction } from './resources.ts';

export const batch = 50;

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!;
}

function idIn(body: string): string {
  return (JSON.parse(body) as { id: string }).id;
}

/** Creates `count` patients; their ids, in the order of their numbers. */
export async function seedPatients(target: Target, count: number): Promise<string[]> {
  const ids: string[] = [];
  await inParallel(count, async (n) => {
    const reply = await send(target, 'POST', '/Patient', patient(n));
    if (reply.status !== 201)
      throw new Error(`${target.name}: ${reply.status} ${reply.body.slice(0, 500)}`);
    ids[n] = idIn(reply.body);
  });
  return ids;
}

/** `each` observations for every patient, in transactions of fifty. */
export async function seedObservations(target: Target, ids: string[], each: number): Promise<void> {
  const all = ids.flatMap((id) => Array.from({ length: each }, (_, n) => observation(id, n)));
  const bundles = Array.from({ length: Math.ceil(all.length / batch) }, (_, n) =>
    transaction(all.slice(n * batch, (n + 1) * batch)),
  );
  await inParallel(bundles.length, async (n) => {
    const reply = await send(target, 'POST', '', bundles[n]);
    if (reply.status !== 200)
      throw new Error(`${target.name}: ${reply.status} ${reply.body.slice(0, 500)}`);
  });
}

/** @throws Error when a search does not find what was seeded */
export async function prove(target: Target, step: Step): Promise<void> {
  if (step.least === undefined) return;
  const reply = await step.ask(0);
  const { entry } = JSON.parse(reply.body) as { entry?: { resource: { resourceType: string } }[] };
  const found =
    entry?.filter(({ resource }) => step.name.startsWith(resource.resourceType)).length ?? 0;
  if (reply.status !== 200 || found < step.least)
    throw new Error(
      `${target.name}, ${step.name}: ${reply.status} with ${found} entries, expected ${step.least}`,
    );
}

/**
 * @param ids charts the caller may read and write
 * @param each how many observations each of them was seeded with
 */
export function steps(target: Target, ids: string[], each = 10): Step[] {
  const ask = (method: string, path: string, content?: object): ReturnType<typeof send> =>
    send(target, method, path, content);
  // Away from the seeded numbers, so that the seeded surnames keep their few bearers.
  const fresh = 1_000_000;
  return [
    { name: 'read Patient', ask: () => ask('GET', `/Patient/${pick(ids)}`) },
    {
      name: 'Observation by patient + code',
      least: each >= codes.length ? 1 : 0,
      ask: () =>
        ask(
          'GET',
          `/Observation?patient=Patient/${pick(ids)}&code=http://loinc.org%7C${pick(codes)}&_count=20`,
        ),
    },
    {
      name: 'Observation by patient, newest 20',
      least: Math.min(each, 20),
      ask: () => ask('GET', `/Observation?patient=Patient/${pick(ids)}&_sort=-date&_count=20`),
    },
    {
      name: 'Patient by name',
      least: 1,
      ask: () =>
        ask('GET', `/Patient?name=${surname(Math.floor(Math.random() * ids.length))}&_count=20`),
    },
    { name: 'create Patient', ask: (n) => ask('POST', '/Patient', patient(fresh + n)) },
    {
      name: 'create Observation',
      ask: (n) => ask('POST', '/Observation', observation(pick(ids), n)),
    },
    {
      name: 'transaction of 50, per entry',
      units: batch,
      ask(n) {
        const chart = pick(ids);
        const entries = Array.from({ length: batch }, (_, i) => observation(chart, n * batch + i));
        return ask('POST', '', transaction(entries));
      },
    },
  ];
}
