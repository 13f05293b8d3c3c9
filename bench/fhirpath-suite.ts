/**
 * The pass count of HL7's FHIRPath test suite. The suite is HL7's and not in this repository; an old release of the
 * library ships it:
 *
 *     cd /tmp && npm pack fhirpath@2.14.7 && tar xzf fhirpath-2.14.7.tgz
 *     node bench/fhirpath-suite.ts /tmp/package/converter/dataset/fhir-r4.xml /tmp/package/test/resources
 */
import { runSuite } from '@afar/fhir/testing';

const [file, resources] = process.argv.slice(2);
if (!file || !resources)
  throw new Error(
    'usage: node bench/fhirpath-suite.ts <fhir-r4.xml> <folder of resources as JSON>',
  );
const { total, passed, failed } = runSuite(file, resources);
for (const one of failed) console.log(`failed  ${one}`);
console.log(`${passed} of ${total} passed`);
