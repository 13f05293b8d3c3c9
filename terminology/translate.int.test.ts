/** Stored ConceptMap resources: dependencies, products, unmapped codes, backwards. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConceptMap } from '@afar/fhir';
import { openClinic, parameters } from './testing/world.ts';
import type { Clinic } from './testing/world.ts';

const at = 'http://example.org/';
const animals = `${at}animals`;
let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

describe('$translate on what is stored', () => {
  const map: ConceptMap = {
    resourceType: 'ConceptMap',
    id: 'map',
    url: `${at}map`,
    status: 'active',
    group: [
      {
        source: animals,
        target: `${at}toys`,
        element: [
          {
            code: 'dog',
            target: [
              { code: 'plush', equivalence: 'narrower', comment: 'not every dog' },
              {
                code: 'wood',
                equivalence: 'equivalent',
                dependsOn: [{ property: `${at}material`, value: 'wood' }],
                product: [{ property: `${at}price`, system: `${at}prices`, value: 'cheap' }],
              },
            ],
          },
          { code: 'owl', target: [{ equivalence: 'unmatched' }] },
        ],
        unmapped: { mode: 'other-map', url: `${at}map2` },
      },
    ],
  };
  const ask = (...more: Parameters<typeof parameters>) =>
    clinic.post('ConceptMap/$translate', parameters({ name: 'url', valueUri: map.url! }, ...more));
  const coding = (code: string, of = animals) => ({
    name: 'coding',
    valueCoding: { system: of, code },
  });
  const targets = ({ parameters: told }: Awaited<ReturnType<typeof ask>>) =>
    told
      .filter((one) => one.name === 'match')
      .map(({ part }) => [
        part![0]!.valueCode,
        part!.find((one) => one.name === 'concept')?.valueCoding?.code,
      ]);

  beforeAll(async () => {
    await clinic.put(map);
    const other: ConceptMap = {
      ...map,
      id: 'map2',
      url: `${at}map2`,
      group: [
        {
          source: animals,
          target: `${at}toys`,
          element: [{ code: 'bat', target: [{ code: 'kite', equivalence: 'wider' }] }],
          // A circle of maps.
          unmapped: { mode: 'other-map', url: `${at}map` },
        },
      ],
    };
    await clinic.put(other);
  });

  it('dependencies and products [conceptmap.html]', async () => {
    expect(targets(await ask(coding('dog')))).toEqual([['narrower', 'plush']]);
    const wooden = await ask(coding('dog'), {
      name: 'dependency',
      part: [
        { name: 'element', valueUri: `${at}material` },
        { name: 'concept', valueCodeableConcept: { text: 'wood' } },
      ],
    });
    expect(targets(wooden)).toEqual([
      ['narrower', 'plush'],
      ['equivalent', 'wood'],
    ]);
    expect(JSON.stringify(wooden.body)).toContain('"product"');
  });

  it('unmatched is told but is no translation; backwards wider is narrower; maps hand on, in no circle', async () => {
    const owl = await ask(coding('owl'));
    expect([owl.value('result'), targets(owl)]).toEqual([false, [['unmatched', undefined]]]);
    const back = await ask(coding('plush', `${at}toys`), { name: 'reverse', valueBoolean: true });
    expect(targets(back)).toEqual([['wider', 'dog']]);
    expect(targets(await ask(coding('bat')))).toEqual([['wider', 'kite']]);
    expect((await ask(coding('nothing'))).value('result')).toBe(false);
    const elsewhere = await ask(coding('dog'), { name: 'targetsystem', valueUri: `${at}none` });
    expect(elsewhere.value('result')).toBe(false);
  });
});
