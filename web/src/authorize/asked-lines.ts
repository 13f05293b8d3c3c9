/** What an app asks for, in lines that a person can say yes or no to: kinds of data in her words, not types of a standard. Pure. */

export const kinds = {
  person: ['Patient', 'RelatedPerson', 'Person', 'Coverage'],
  conditions: ['Condition', 'AllergyIntolerance', 'FamilyMemberHistory', 'ClinicalImpression'],
  medicines: [
    'MedicationRequest',
    'MedicationStatement',
    'MedicationDispense',
    'MedicationAdministration',
    'Immunization',
  ],
  measurements: ['Observation', 'Device', 'DeviceMetric', 'Specimen'],
  reports: [
    'DiagnosticReport',
    'DocumentReference',
    'Composition',
    'ImagingStudy',
    'Media',
    'Binary',
  ],
  visits: ['Encounter', 'Appointment', 'EpisodeOfCare', 'CareTeam', 'Slot', 'Schedule'],
  plans: ['CarePlan', 'Goal', 'ServiceRequest', 'Procedure', 'NutritionOrder', 'Task'],
  messages: ['Communication', 'CommunicationRequest', 'QuestionnaireResponse', 'Questionnaire'],
  sharing: ['Consent', 'Subscription', 'Provenance'],
  directory: ['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService'],
} as const;
export type Kind = keyof typeof kinds | 'other';

export type Act = 'see' | 'add' | 'change';

export interface Line {
  id: string;
  /** Whose data: the one record, or all that she may see. */
  reach: 'patient' | 'user';
  kind: Kind;
  act: Act;
  /** What narrows it: codes of categories, as they are known. */
  only: string[];
  /** What is granted with it. */
  scopes: string[];
  /** The scope for all kinds that it is a part of. */
  whole?: string;
  /** The type, where the kind says too little. */
  type?: string;
}

const pattern = /^(patient|user)\/(\*|[A-Za-z]+)\.([a-z*]+)(?:\?(.+))?$/;

const letters = (text: string): string =>
  ({ read: 'rs', write: 'cud', '*': 'cruds' })[text] ?? text;

function actOf(verbs: string): Act {
  if (/[ud]/.test(verbs)) return 'change';
  return verbs.includes('c') ? (/[rs]/.test(verbs) ? 'change' : 'add') : 'see';
}

function kindOf(type: string): Kind {
  const found = Object.entries(kinds).find(([, types]) =>
    (types as readonly string[]).includes(type),
  );
  return (found?.[0] as Kind | undefined) ?? 'other';
}

/** `category=system|vital-signs,system|laboratory`: the codes. */
const codesOf = (query: string | undefined): string[] =>
  query
    ? [...new URLSearchParams(query).values()].flatMap((value) =>
        value.split(',').map((one) => one.split('|').at(-1)!),
      )
    : [];

/** The lines of a request; a scope for everything becomes one line for each kind, so that she can leave some out. */
export function linesOf(asked: readonly string[]): Line[] {
  const lines = new Map<string, Line>();
  const add = (line: Omit<Line, 'id'>): void => {
    const id = [
      line.whole ?? '',
      line.reach,
      line.kind,
      line.type ?? '',
      line.act,
      ...line.only,
    ].join(' ');
    const known = lines.get(id);
    if (known) known.scopes.push(...line.scopes);
    else lines.set(id, { id, ...line });
  };
  for (const scope of asked) {
    const match = pattern.exec(scope);
    if (!match) continue;
    const [, reach, type, verbs, query] = match as unknown as [
      string,
      'patient' | 'user',
      string,
      string,
      string?,
    ];
    const of = { reach, act: actOf(letters(verbs)), only: codesOf(query) };
    if (type === '*')
      for (const [kind, types] of Object.entries(kinds))
        add({
          ...of,
          kind: kind as Kind,
          whole: scope,
          scopes: types.map((one) => `${reach}/${one}.${verbs}`),
        });
    else {
      const kind = kindOf(type);
      add({ ...of, kind, scopes: [scope], ...(kind === 'other' && { type }) });
    }
  }
  return [...lines.values()];
}

/** The scopes of what is ticked; a scope for everything stays whole while all of its lines are. */
export function scopesOf(lines: readonly Line[], ticked: ReadonlySet<string>): string[] {
  const wholes = new Set(lines.flatMap((one) => (one.whole ? [one.whole] : [])));
  const kept = new Set(
    [...wholes].filter((whole) => lines.every((one) => one.whole !== whole || ticked.has(one.id))),
  );
  const parts = lines.filter(
    (one) => ticked.has(one.id) && (one.whole === undefined || !kept.has(one.whole)),
  );
  return [...new Set([...kept, ...parts.flatMap((one) => one.scopes)])];
}

/** Those that tell who she is, and how the app is opened: no data of a record. */
export const plainOf = (asked: readonly string[]): string[] =>
  asked.filter((scope) => !pattern.test(scope));
