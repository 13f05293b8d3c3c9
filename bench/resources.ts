/** The resources every server in the measurement is given: a Patient of 600 bytes, an Observation of 450. */

/** LOINC vital signs. */
export const codes = [
  '29463-7',
  '8302-2',
  '8867-4',
  '8480-6',
  '8462-4',
  '2708-6',
  '9279-1',
  '8310-5',
  '39156-5',
  '72514-3',
];

/** 997 surnames: a search by one finds a handful in a thousand patients. */
export const surname = (n: number): string => `Sample${n % 997}`;

export function patient(n: number): object {
  return {
    resourceType: 'Patient',
    identifier: [
      {
        system: 'https://bench.example/mrn',
        value: `B${n}-${Math.random().toString(36).slice(2, 12)}`,
      },
    ],
    active: true,
    name: [{ use: 'official', family: surname(n), given: [`Given${n % 89}`, 'M'] }],
    telecom: [
      { system: 'phone', value: `+1555${1_000_000 + n}`, use: 'mobile' },
      { system: 'email', value: `person${n}@bench.example` },
    ],
    gender: n % 2 ? 'male' : 'female',
    birthDate: `19${50 + (n % 50)}-0${1 + (n % 9)}-1${n % 9}`,
    address: [
      {
        line: [`${n} Main Street`],
        city: 'Springfield',
        state: 'MA',
        postalCode: `0${1000 + (n % 8999)}`,
        country: 'US',
      },
    ],
  };
}

export function observation(patientId: string, n: number): object {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
          },
        ],
      },
    ],
    code: {
      coding: [{ system: 'http://loinc.org', code: codes[n % codes.length] }],
      text: 'vital sign',
    },
    subject: { reference: `Patient/${patientId}` },
    // One a day from November 2023 on.
    effectiveDateTime: new Date(1.7e12 + (n % 700) * 86_400_000).toISOString(),
    valueQuantity: {
      value: 60 + (n % 40),
      unit: 'kg',
      system: 'http://unitsofmeasure.org',
      code: 'kg',
    },
  };
}

export function transaction(resources: object[]): object {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
    })),
  };
}
