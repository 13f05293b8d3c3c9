/**
 * The runner of HL7's FHIRPath suite. The suite itself is HL7's and not in this repository: `bench/fhirpath-suite.ts`
 * says where to get it; AFAR_TEST_FHIRPATH_SUITE names the folder it was unpacked to.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { patient } from '../fixtures/patient.ts';
import { runSuite } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'afar-suite-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the runner', () => {
  it('counts what passes, and names what does not', () => {
    const test = (name: string, expression: string, outputs = '') =>
      `<test name="${name}" inputfile="p.xml">${expression}${outputs}</test>`;
    const says = (text: string, marks = '') => `<expression${marks}>${text}</expression>`;
    const output = (type: string, value: string) => `<output type="${type}">${value}</output>`;
    const xml = [
      test('right', says('name.family'), output('string', 'Ångström')),
      test('escaped', says('1 &lt; 2'), output('boolean', 'true')),
      test('refused', says('name.given.single()', ' invalid="true"')),
      test('date', says('birthDate'), output('date', '@1980-02-29')),
      test('none', says('name.suffix')),
      test('other value', says('gender'), output('code', 'male')),
      test('not refused', says('gender', ' invalid="true"')),
      '<!-- <test name="gone"><expression>1</expression></test> -->',
    ].join('\n');
    writeFileSync(join(folder, 'suite.xml'), `<tests>${xml}</tests>`);
    writeFileSync(join(folder, 'p.json'), JSON.stringify(patient));
    expect(runSuite(join(folder, 'suite.xml'), folder)).toEqual({
      total: 7,
      passed: 5,
      failed: ['other value: gender', 'not refused: gender'],
    });
  });
});

const suite = process.env.AFAR_TEST_FHIRPATH_SUITE;

describe.runIf(suite)('HL7’s FHIRPath suite', () => {
  it('passes as far as the library goes', () => {
    const { total, passed } = runSuite(
      join(suite!, 'converter/dataset/fhir-r4.xml'),
      join(suite!, 'test/resources'),
    );
    console.log(`FHIRPath suite: ${passed} of ${total} passed`);
    expect([passed, total]).toEqual([659, 686]);
  });
});
