/** The answers a restricted caller gets are the same, byte for byte, whatever hidden data exists. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aimed, aimedDeeds } from './aimed.ts';
import { deeds, questions } from './corpus.ts';
import { askers } from './people.ts';
import { askersByRole } from './roles.ts';
import { openTwins } from './twins.ts';
import type { Twins } from './twins.ts';

let twins: Twins;
beforeAll(async () => {
  twins = await openTwins();
});
afterAll(() => twins?.close());

const callers = askers();

it('the clinics do differ, for whoever may see everything', async () => {
  const { system } = twins.left.world;
  const found = await twins.differences(system, questions);
  expect(found.length).toBeGreaterThan(questions.length / 3);
});

describe.each(Object.keys(callers))('%s', (name) => {
  it('is told the same by both clinics, whatever she asks', async () => {
    expect(await twins.differences(callers[name]!, questions)).toEqual([]);
  });
});

const byRole = askersByRole();
/** Every third of the general corpus: the roles share its paths with those above, and are aimed at by their own. */
const some = questions.filter((_ask, at) => at % 3 === 0);

it('the clinics differ in what each role may not see', async () => {
  const found = await twins.differences(twins.left.world.system, aimed);
  expect(found.length).toBeGreaterThan(aimed.length / 2);
});

describe.each(Object.keys(byRole))('%s', (name) => {
  it('is told the same by both clinics, whatever she asks', async () => {
    expect(await twins.differences(byRole[name]!, [...aimed, ...some])).toEqual([]);
  });
});

it.each([
  ['resident', 'DiagnosticReport'],
  ['resident', 'ImagingStudy'],
  ['pharmacist', 'MedicationRequest'],
  ['paramedic', 'Patient'],
  ['herself', 'Composition'],
  ['proxy', 'Composition'],
  ['guest', 'Composition'],
  ['app', 'DiagnosticReport'],
  ['trainee', 'Observation'],
])('%s does see some %s', async (name, type) => {
  const { text } = await twins.left.http.inject({
    as: { ...byRole[name]!, at: twins.left.world.clock.now() },
    method: 'GET',
    url: `/fhir/R4/${type}`,
  });
  expect((JSON.parse(text) as { entry?: unknown[] }).entry?.length).toBeGreaterThan(0);
});

it('is not a corpus of refusals: the doctor is answered most of it', async () => {
  let answered = 0;
  for (const ask of questions) {
    const { status } = await twins.left.http.inject({
      as: { ...callers.doctor!, at: twins.left.world.clock.now() },
      method: ask.method,
      url: `/fhir/R4${ask.url}`,
      body: ask.body,
      headers: ask.headers,
    });
    if (status < 300) answered++;
  }
  expect(answered).toBeGreaterThan(questions.length * 0.6);
});

// Last: these change what they can.
describe.each(['patient', 'nurse', 'doctor', 'administrator', 'narrow'])('%s', (name) => {
  it('cannot tell the clinics apart by what she writes', async () => {
    expect(await twins.differences(callers[name]!, deeds)).toEqual([]);
  });
});

describe.each(Object.keys(byRole))('%s', (name) => {
  it('cannot tell the clinics apart by what she writes', async () => {
    expect(await twins.differences(byRole[name]!, aimedDeeds)).toEqual([]);
  });
});

it('nothing hidden was written to', async () => {
  expect(await twins.touched()).toEqual([]);
});
