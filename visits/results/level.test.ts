/** What is critical, abnormal, normal, or has to be read: by interpretation codes, by ranges, by parts. */
import type { Observation } from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { levelOf, levelOfReport } from './level.ts';

const base: Observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const said = (...codes: string[]): Observation => ({
  ...base,
  interpretation: [{ coding: codes.map((code) => ({ code })) }],
});
const measured = (value: number, range: object, over: object = {}): Observation => ({
  ...base,
  valueQuantity: { value, unit: 'mmol/L', ...over },
  referenceRange: [range],
});
const low = { value: 3.5, unit: 'mmol/L' };
const high = { value: 5.1, unit: 'mmol/L' };

describe('[HL7 v3 ObservationInterpretation]', () => {
  it.each(['HH', 'LL', 'AA'])('%s is critical', (code) => {
    expect(levelOf(said(code))).toBe('critical');
  });
  it.each(['H', 'L', 'A', 'HU', 'LU', 'POS', 'R', 'DET', 'W', 'never heard of'])(
    '%s is abnormal: what nobody knows is looked at',
    (code) => {
      expect(levelOf(said(code))).toBe('abnormal');
    },
  );
  it.each(['N', 'NEG', 'ND', 'S'])('%s is normal', (code) => {
    expect(levelOf(said(code))).toBe('normal');
  });
  it('the worst of several counts, and words without a code', () => {
    expect(levelOf(said('N', 'HH'))).toBe('critical');
    expect(levelOf({ ...base, interpretation: [{ text: 'Normal' }] })).toBe('normal');
    expect(levelOf({ ...base, interpretation: [{ text: 'see comment' }] })).toBe('abnormal');
  });
});

describe('reference ranges', () => {
  it('at the edge is inside, beyond is abnormal', () => {
    const at = (value: number) => levelOf(measured(value, { low, high }));
    expect([3.49, 3.5, 5.1, 5.11].map(at)).toEqual(['abnormal', 'normal', 'normal', 'abnormal']);
  });
  it('a comparator counts', () => {
    expect(levelOf(measured(3.5, { low, high }, { comparator: '<' }))).toBe('abnormal');
    expect(levelOf(measured(5.1, { high }, { comparator: '>' }))).toBe('abnormal');
  });
  it('show what an interpretation forgot, and do not soften one', () => {
    const forgot = { ...measured(6.4, { low, high }), interpretation: said('N').interpretation! };
    expect(levelOf(forgot)).toBe('abnormal');
    const warned = { ...measured(4, { low, high }), interpretation: said('HH').interpretation! };
    expect(levelOf(warned)).toBe('critical');
  });
  it('in another unit, or of a treatment, say nothing', () => {
    expect(levelOf(measured(250, { high: { value: 5.1, unit: 'mg/dL' } }))).toBe('unrated');
    const therapeutic = { high, type: { coding: [{ code: 'therapeutic' }] } };
    expect(levelOf(measured(9, therapeutic))).toBe('unrated');
  });
  it('for different people: outside each of them, or outside the one for all', () => {
    const forMen = { high: { value: 1.2, unit: 'mmol/L' }, appliesTo: [{ text: 'male' }] };
    const forWomen = { high: { value: 1.0, unit: 'mmol/L' }, appliesTo: [{ text: 'female' }] };
    const of = (value: number, referenceRange: object[]): Observation => ({
      ...base,
      valueQuantity: { value, unit: 'mmol/L' },
      referenceRange,
    });
    expect(levelOf(of(1.1, [forMen, forWomen]))).toBe('normal');
    expect(levelOf(of(1.3, [forMen, forWomen]))).toBe('abnormal');
    expect(levelOf(of(1.1, [forMen, { high: { value: 1.05 } }]))).toBe('abnormal');
  });
});

describe('parts', () => {
  it('the worst part counts', () => {
    const component = [
      { code: { text: 'a' }, interpretation: said('N').interpretation! },
      { code: { text: 'b' }, interpretation: said('LL').interpretation! },
    ];
    expect(levelOf({ ...base, component })).toBe('critical');
    expect(levelOf({ ...base, component: [component[0]!] })).toBe('normal');
  });
  it('a report without values has to be read', () => {
    const report = { resourceType: 'DiagnosticReport', status: 'final', code: {} } as const;
    expect(levelOfReport(report, [])).toBe('unrated');
    expect(levelOfReport(report, [said('N'), said('H')])).toBe('abnormal');
  });
});
