/** The register against a naive filter over the same entries. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Criterion } from '@afar/fhir';
import type { DirectoryEntry } from './entry.ts';
import { fold } from './fold.ts';
import { Register } from './register.ts';

const now = Date.UTC(2026, 10, 21);
const person = (v: number, family: string, given: string[], birth?: string): DirectoryEntry => ({
  v,
  s: { family: [family], given, name: [family, ...given], phonetic: [family, ...given] },
  d: birth ? { birthdate: [[Date.parse(birth), Date.parse(birth) + 86_400_000]] } : {},
  t: { phone: [[null, '+1 (555) 010-' + family.length]], gender: [['g', 'female']] },
});
const string = (param: string, value: string, modifier?: Criterion['modifier']): Criterion => ({
  kind: 'value',
  param,
  type: 'string',
  ...(modifier && { modifier }),
  values: [{ kind: 'string', value }],
});
const rids = (register: Register, ...criteria: Criterion[]) =>
  register.find({ criteria, limit: 100, now }).map((found) => found.rid);

describe('find', () => {
  const register = new Register();
  register.put('a', person(1, 'Van der Berg', ['Mary Ann'], '1970-05-01'));
  register.put('b', person(1, 'Berg', ['José'], '1980-01-01'));
  register.put('c', person(1, "O'Keefe", ['Mathilda']));

  it('matches prefixes, accents and apostrophes aside', () => {
    expect(rids(register, string('family', 'berg'))).toEqual(['b']);
    expect(rids(register, string('name', 'BERG'))).toEqual(['a', 'b']);
    expect(rids(register, string('given', 'jose'))).toEqual(['b']);
    expect(rids(register, string('family', 'okee'))).toEqual(['c']);
    expect(rids(register, string('family', 'keefe'))).toEqual([]);
  });
  it('finds nobody by signs alone', () => {
    for (const text of ['-', "'", '\u{fffd}'])
      for (const modifier of [undefined, 'contains'] as const)
        expect(rids(register, string('name', text, modifier))).toEqual([]);
  });
  it('matches parts and sounds', () => {
    expect(rids(register, string('family', 'keef', 'contains'))).toEqual(['c']);
    expect(rids(register, string('phonetic', 'Matilda'))).toEqual(['c']);
  });
  it('ANDs criteria', () => {
    expect(rids(register, string('name', 'berg'), string('given', 'mary'))).toEqual(['a']);
  });
  it('answers dates, tokens and :missing', () => {
    const birth = Date.UTC(1975, 0, 1);
    const before: Criterion = {
      kind: 'value',
      param: 'birthdate',
      type: 'date',
      values: [{ kind: 'date', prefix: 'lt', start: birth, end: birth + 1, text: '' }],
    };
    expect(rids(register, before)).toEqual(['a']);
    const none = { ...before, modifier: 'missing', missing: true, values: [] } as Criterion;
    expect(rids(register, none)).toEqual(['c']);
    const phone: Criterion = {
      kind: 'value',
      param: 'phone',
      type: 'token',
      values: [{ kind: 'token', code: '1-555-010-4' }],
    };
    expect(rids(register, phone)).toEqual(['b']);
  });
  it('sorts, missing last both ways, and pages without loss', () => {
    for (const descending of [false, true]) {
      const sort = [{ param: 'birthdate', descending }];
      const all = register.find({ criteria: [], sort, limit: 9, now });
      expect(all.map((found) => found.rid)).toEqual(descending ? ['b', 'a', 'c'] : ['a', 'b', 'c']);
      const first = register.find({ criteria: [], sort, limit: 1, now })[0]!;
      expect(register.find({ criteria: [], sort, after: first, limit: 9, now })).toEqual(
        all.slice(1),
      );
    }
  });
});

it('keeps the newest version whatever order rows arrive in, and forgets the removed', () => {
  const register = new Register();
  register.put('a', person(2, 'New', []));
  register.put('a', person(1, 'Old', []));
  expect(rids(register, string('name', 'old'))).toEqual([]);
  expect(rids(register, string('name', 'new'))).toEqual(['a']);
  register.put('a', person(3, 'Newer', []));
  // Asked by the whole name the words may lead to a candidate too many: its body says no.
  expect(rids(register, string('family', 'new', 'exact'))).toEqual([]);
  register.remove('a');
  expect(rids(register, string('name', 'new'))).toEqual([]);
  expect(register.size).toBe(0);
});

it('equals a naive filter, through updates and removals', () => {
  const names = fc.stringMatching(/^[A-Ca-cé' ]{0,6}$/);
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.option(names)), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(steps, fc.array(names, { maxLength: 5 }), (writes, queries) => {
      const register = new Register();
      const truth = new Map<string, string>();
      writes.forEach(([who, name], v) => {
        const rid = `r${who}`;
        if (name === null) {
          register.remove(rid);
          truth.delete(rid);
        } else {
          register.put(rid, person(v, name, []));
          truth.set(rid, name);
        }
      });
      for (const query of queries) {
        const asked = fold(query);
        const expected = [...truth].filter(([, name]) => asked && fold(name).startsWith(asked));
        expect(rids(register, string('family', query))).toEqual(
          expected.map(([rid]) => rid).sort(),
        );
      }
    }),
    { numRuns: 60 },
  );
});
