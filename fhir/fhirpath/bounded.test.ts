/** FHIRPath of strangers: it answers, and no bomb stops the process or the next question. */
import { afterAll, describe, expect, it } from 'vitest';
import { patient } from '../fixtures/patient.ts';
import { boundedFhirPath } from './bounded.ts';

// A machine that runs tests may stall for longer than any bomb may run.
const fhirpath = boundedFhirPath({ ms: 1_200 });
afterAll(() => fhirpath.stop());
const ask = async (expression: string, resource: unknown = patient) =>
  (await fhirpath.ask(resource, [{ expression }]))[0];

describe('expressions of strangers', () => {
  it('answer', async () => {
    expect(await ask('name.family')).toEqual({ values: ['Ångström'] });
    const there = { path: ['telecom', 1], type: 'ContactPoint', expression: "system = 'email'" };
    expect(await fhirpath.ask(patient, [there])).toEqual([{ values: [true] }]);
  });

  it('know the type of a focus that is no resource', async () => {
    const there = {
      path: ['birthDate'],
      type: 'date',
      expression: '$this is date and $this < today()',
    };
    const family = { path: ['name', 0], type: 'HumanName', expression: '$this is HumanName' };
    expect(await fhirpath.ask(patient, [there, family])).toEqual([
      { values: [true] },
      { values: [true] },
    ]);
  });

  it('resolve what is contained, and the type an address tells, without a network', async () => {
    const observation = {
      resourceType: 'Observation',
      contained: [{ resourceType: 'Device', id: 'd', status: 'active' }],
      device: { reference: '#d' },
      subject: { reference: 'Patient/1' },
    };
    expect(await ask('device.resolve().status', observation)).toEqual({ values: ['active'] });
    expect(await ask('subject.resolve() is Patient', observation)).toEqual({ values: [true] });
    expect(await ask("'http://localhost:1/Patient/1'.resolve().name", observation)).toEqual({
      values: [],
    });
  });

  it('say only that they failed', async () => {
    expect(await ask('name.given.single()')).toEqual({ fault: 'failed' });
    expect(await ask('name.where(')).toEqual({ fault: 'unreadable' });
    expect(await ask("'x'.memberOf('http://localhost:1/vs')")).toEqual({ fault: 'failed' });
  });

  it('have a longest length and a largest tree', async () => {
    expect(await ask(`'${'a'.repeat(9000)}'`)).toEqual({ fault: 'too-long' });
    expect(await ask(Array(1500).fill('a').join('|'))).toEqual({ fault: 'too-long' });
  });

  const bombs = {
    'a catastrophic regular expression': `'${'a'.repeat(40)}!'.matches('^(a+)+$')`,
    'one that replaces': `'${'a'.repeat(40)}!'.replaceMatches('(a|a?)+$', 'b')`,
    'where inside where': nested(12),
    'a collection that doubles': `Patient${'.select($this.combine($this))'.repeat(40)}`,
    'aggregate over everything': `%resource.descendants().aggregate($total.combine($total).combine($this), %resource.descendants())`,
    'brackets without end': `${'('.repeat(3900)}1${')'.repeat(3900)}`,
  };
  it.each(Object.entries(bombs))('are stopped: %s', async (_, expression) => {
    const reply = await ask(expression);
    expect(reply).toHaveProperty('fault');
    expect(await ask('active')).toEqual({ values: [true] });
  });

  it('wait in a line of bounded length', async () => {
    const all = await Promise.all(Array.from({ length: 300 }, () => ask('active')));
    expect(all.filter((one) => one && 'fault' in one)).toHaveLength(100);
  });

  it('can be checked before they are kept', async () => {
    expect(await fhirpath.parse(['a.b', 'a.(', 'x'.repeat(9000)])).toEqual([
      { values: [] },
      { fault: 'unreadable' },
      { fault: 'too-long' },
    ]);
  });
});

/** n^depth steps: every level looks at the whole resource again. */
function nested(depth: number): string {
  let text = 'true';
  for (let at = 0; at < depth; at++) text = `%resource.descendants().where(${text}).exists()`;
  return text;
}
