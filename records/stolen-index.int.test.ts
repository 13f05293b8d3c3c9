/** A stolen database against frequency analysis: `npm run bench:attack` does the same on 200,000 rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  blindGuess,
  companyAttack,
  countAttack,
  countOf,
  lengthAttack,
  pairAttack,
  rankAttack,
  type StolenRow,
} from './testing/attack.ts';
import { chartOf, population } from './testing/population.ts';
import { stolenDirectory, stolenIndex } from './testing/stolen.ts';
import { openWorld, type World } from './testing/world.ts';

const people = population(80, 60);
const ofPatients = { family: new Map<string, string>(), birthDate: new Map<string, string>() };
let world: World;
let rows: StolenRow[];

beforeAll(async () => {
  world = await openWorld();
  const truth = new Map<string, string>();
  for (const [n, person] of people.entries()) {
    const answer = await world.records.transaction(world.system, chartOf(person, n));
    const [patient, ...observations] = answer.entry!.map(
      ({ response }) => response!.location!.split('/')[1]!,
    );
    ofPatients.family.set(patient!, person.family);
    ofPatients.birthDate.set(patient!, person.birthDate);
    observations.forEach((rid, at) => truth.set(rid, person.codes[at]!));
  }
  rows = await stolenIndex(world.data.ownerDb, 'Observation', truth);
});
afterAll(() => world.close());

/** The index as other servers keep it: the same code makes the same token in every chart. */
const naive = () => rows.map((row) => ({ ...row, tokens: [`hash of ${row.truth}`] }));
const perfectTable = () => countOf(rows.map((row) => row.truth));

describe('codes', () => {
  it('every row has the token of its code, so there is something to attack', () => {
    expect(rows).toHaveLength(80 * 60);
    expect(rows.every((row) => row.tokens.length === 1)).toBe(true);
  });

  it('frequency rank with a perfect table finds next to nothing, and nearly all where tokens are the same in every chart', () => {
    expect(rankAttack(naive(), perfectTable()).share).toBeGreaterThan(0.9);
    expect(rankAttack(rows, perfectTable()).share).toBeLessThan(0.01);
  });

  it('the exact count of each code finds next to nothing either', () => {
    expect(countAttack(naive(), perfectTable()).share).toBeGreaterThan(0.5);
    expect(countAttack(rows, perfectTable()).share).toBeLessThan(0.01);
  });

  it('pairs of codes that meet in a chart are found as little', () => {
    expect(pairAttack(naive(), rows).share).toBeGreaterThan(0.2);
    expect(pairAttack(rows, rows).share).toBeLessThan(0.01);
  });

  // Inside one chart the same code makes the same token: how often it stands there does tell a little.
  it('the company codes keep in a chart tells little more than guessing the commonest does', () => {
    const blind = blindGuess(rows, perfectTable()).share;
    expect(companyAttack(naive(), rows).share).toBeGreaterThan(blind + 0.3);
    expect(companyAttack(rows, rows).share).toBeLessThan(blind + 0.1);
  });
});

describe.each(['family', 'birthDate'] as const)('%s', (what) => {
  it('no token of a patient row is shared by two people', async () => {
    const stolen = await stolenIndex(world.data.ownerDb, 'Patient', ofPatients[what]);
    const counts = countOf(stolen.flatMap((row) => row.tokens));
    expect(stolen).toHaveLength(80);
    expect([...counts.values()].every((n) => n === 1)).toBe(true);
    const table = countOf(stolen.map((row) => row.truth));
    // By chance one of 80 is right, and never a tenth of them.
    expect(rankAttack(stolen, table).right).toBeLessThan(8);
  });

  it('the length of the sealed row tells no more than guessing the commonest does', async () => {
    const truth = ofPatients[what];
    const sealed = (await stolenDirectory(world.data.ownerDb))
      .filter(({ rid }) => truth.has(rid))
      .map(({ rid, length }) => ({ length, truth: truth.get(rid)! }));
    const table = countOf(truth.values());
    const commonest = Math.max(...table.values()) / truth.size;
    expect(sealed).toHaveLength(80);
    expect(lengthAttack(sealed, (value) => value.length, table).share).toBeLessThanOrEqual(
      commonest,
    );
  });
});
