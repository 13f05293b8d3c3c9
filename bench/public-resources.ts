/** The nine types and the seven searches of the public workload. */
import { connections, type Figures, type Reply, type Target } from './load.ts';
import { codes, patient } from './resources.ts';

export const publicTypes = [
  'Patient',
  'Location',
  'Organization',
  'Practitioner',
  'Encounter',
  'Observation',
  'MedicationRequest',
  'Claim',
  'ExplanationOfBenefit',
] as const;
export type PublicType = (typeof publicTypes)[number];

/** Whom the resources name. */
export interface Cast {
  organization: string;
  practitioner: string;
  location: string;
  patients: string[];
  encounter: string;
  claim: string;
}

const terms = 'http://terminology.hl7.org/CodeSystem';
const cities = ['Boston', 'Worcester', 'Springfield', 'Lowell', 'Quincy', 'Salem', 'Newton'];
const at = (n: number): string =>
  new Date(Date.UTC(2020, n % 24, 1 + (n % 28), n % 24)).toISOString();
const ref = (type: string, id: string): object => ({ reference: `${type}/${id}` });
const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });
const money = { value: 129.16, currency: 'USD' };

/** Made from its number: the same number gives the same content, apart from a Patient's identifier. */
export function fill(type: PublicType, n: number, cast: Partial<Cast>): object {
  const subject = (): object => ref('Patient', cast.patients![n % cast.patients!.length]!);
  const encounter = (): object => ref('Encounter', cast.encounter!);
  const provider = (): object => ref('Practitioner', cast.practitioner!);
  switch (type) {
    case 'Patient':
      return {
        ...patient(n),
        address: [{ line: [`${n} Main Street`], city: cities[n % cities.length], state: 'MA' }],
      };
    case 'Location':
      return {
        resourceType: type,
        status: 'active',
        name: `Ward ${n}`,
        telecom: [{ system: 'phone', value: '+15550100' }],
        address: { city: cities[n % cities.length], state: 'MA', country: 'US' },
        position: { longitude: -71 - (n % 100) / 100, latitude: 42 + (n % 100) / 100 },
        managingOrganization: ref('Organization', cast.organization!),
      };
    case 'Organization':
      return {
        resourceType: type,
        active: true,
        type: [coded(`${terms}/organization-type`, 'prov')],
        name: `Harbor Hospital ${n % 400}`,
        telecom: [{ system: 'phone', value: '+15550101' }],
        address: [{ city: cities[n % cities.length], state: 'MA' }],
      };
    case 'Practitioner':
      return {
        resourceType: type,
        active: true,
        name: [{ family: `Doctor${n % 500}`, given: ['Ann'], prefix: ['Dr.'] }],
        gender: n % 2 ? 'male' : 'female',
      };
    case 'Encounter':
      return {
        resourceType: type,
        status: 'finished',
        class: { system: `${terms}/v3-ActCode`, code: 'AMB' },
        type: [coded('http://snomed.info/sct', '185349003')],
        subject: subject(),
        participant: [{ individual: provider() }],
        period: { start: at(n), end: at(n) },
        serviceProvider: ref('Organization', cast.organization!),
      };
    case 'Observation':
      return {
        resourceType: type,
        status: 'final',
        category: [coded(`${terms}/observation-category`, n % 2 ? 'vital-signs' : 'laboratory')],
        code: coded('http://loinc.org', codes[n % codes.length]!),
        subject: subject(),
        encounter: encounter(),
        effectiveDateTime: at(n),
        valueQuantity: {
          value: 60 + (n % 40),
          unit: 'kg',
          system: 'http://unitsofmeasure.org',
          code: 'kg',
        },
      };
    case 'MedicationRequest':
      return {
        resourceType: type,
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: coded('http://www.nlm.nih.gov/research/umls/rxnorm', '314076'),
        subject: subject(),
        encounter: encounter(),
        authoredOn: at(n),
        requester: provider(),
        dosageInstruction: [{ sequence: 1, text: 'once a day' }],
      };
    case 'Claim':
      return {
        resourceType: type,
        status: 'active',
        type: coded(`${terms}/claim-type`, 'professional'),
        use: 'claim',
        patient: subject(),
        created: at(n),
        provider: ref('Organization', cast.organization!),
        priority: coded(`${terms}/processpriority`, 'normal'),
        insurance: [{ sequence: 1, focal: true, coverage: { display: 'Harbor Health' } }],
        item: [{ sequence: 1, productOrService: coded(`${terms}/ex-USCLS`, '1101'), net: money }],
        total: money,
      };
    case 'ExplanationOfBenefit':
      return {
        resourceType: type,
        status: 'active',
        type: coded(`${terms}/claim-type`, 'professional'),
        use: 'claim',
        patient: subject(),
        created: at(n),
        insurer: { display: 'Harbor Health' },
        provider: ref('Organization', cast.organization!),
        claim: ref('Claim', cast.claim!),
        outcome: 'complete',
        insurance: [{ focal: true, coverage: { display: 'Harbor Health' } }],
        total: [{ category: coded(`${terms}/adjudication`, 'submitted'), amount: money }],
      };
  }
}

/** With what is seeded each finds something. */
export function searches(seeded: number): { name: string; path(n: number): string }[] {
  const day = (n: number): string => at(n % seeded).slice(0, 10);
  return [
    { name: 'Patient name', path: (n) => `/Patient?name=Sample${n % 97}&_count=20` },
    {
      name: 'Patient address',
      path: (n) => `/Patient?address=${cities[n % cities.length]}&_count=20`,
    },
    {
      name: 'Patient birthdate',
      path: (n) => `/Patient?birthdate=ge19${50 + (n % 40)}-01-01&_count=20`,
    },
    { name: 'Organization name', path: () => '/Organization?name=Harbor&_count=20' },
    { name: 'Observation date', path: (n) => `/Observation?date=${day(n)}&_count=20` },
    {
      name: 'Observation category',
      path: (n) =>
        `/Observation?category=${terms}/observation-category%7C${n % 2 ? 'vital-signs' : 'laboratory'}&_count=20`,
    },
    { name: 'Encounter date', path: (n) => `/Encounter?date=ge${day(n)}&_count=20` },
  ];
}

/** Each of `total` requests once, sixteen at a time, until they are done or the time is over. */
export async function sequence(
  target: Target,
  total: number,
  seconds: number,
  ask: (n: number) => Promise<Reply>,
): Promise<Figures> {
  const latencies: number[] = [];
  let next = 0;
  let refused = 0;
  let why: string | undefined;
  const before = target.cpu();
  const start = performance.now();
  const worker = async (): Promise<void> => {
    while (next < total && performance.now() - start < seconds * 1000) {
      const begun = performance.now();
      const reply = await ask(next++);
      latencies.push(performance.now() - begun);
      if (reply.status < 300) continue;
      refused++;
      why ??= `${reply.status} ${reply.body.slice(0, 300)}`;
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections, total) }, worker));
  const elapsed = (performance.now() - start) / 1000;
  const after = target.cpu();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
  const requests = Math.max(1, latencies.length);
  return {
    perSecond: latencies.length / elapsed,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    server: (after.server - before.server) / requests,
    postgres: (after.postgres - before.postgres) / requests,
    requests,
    refused,
    ...(why === undefined ? {} : { why }),
  };
}
