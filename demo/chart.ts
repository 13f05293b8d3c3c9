/** Writes one patient's chart: each call adds what a clinician would have entered, in an order that resolves. */
import type {
  CareTeam,
  CodeableConcept,
  Encounter,
  ImagingStudy,
  Patient,
  Practitioner,
  Reference,
  Resource,
} from '@afar/fhir';
import type { Calendar } from './calendar.ts';
import { newYork, type Clinic, type MemberKey } from './clinic.ts';
import { cvx, fromHl7, snomed, system, type PanelName, type MeasureName } from './codes.ts';
import {
  bloodPressure,
  finding,
  measurement,
  report,
  type Category,
  type Performer,
  type Ranges,
} from './measurements.ts';
import { prescription, type Medicine } from './medicine.ts';
import { note } from './note.ts';
import { patientOf, type Person } from './person.ts';
import { appointmentOf, encounterOf, type Values, type Visit } from './visit.ts';

const severities = {
  mild: snomed('255604002', 'Mild'),
  moderate: snomed('6736007', 'Moderate'),
  severe: snomed('24484000', 'Severe'),
};

/** A moment, who measured, and within which encounter. */
interface Measured {
  at: string;
  performer: Performer;
  encounter?: Reference<Encounter>;
}

export class Chart {
  readonly resources: Resource[] = [];
  readonly patient: Reference<Patient>;
  readonly #person: Person;
  readonly #id: (name: string) => string;
  readonly #dates: Calendar;
  readonly #clinic: Clinic;
  readonly #random: () => number;
  readonly #ranges: Ranges;
  #height: number | undefined;

  constructor(
    person: Person,
    ground: { id: (name: string) => string; dates: Calendar; clinic: Clinic; random: () => number },
    ranges: Ranges = {},
  ) {
    this.#person = person;
    this.#id = (name) => ground.id(`${person.key} ${name}`);
    this.#dates = ground.dates;
    this.#clinic = ground.clinic;
    this.#random = ground.random;
    this.#ranges = ranges;
    const patient = patientOf(person, this.#id('patient'), ground.dates, ground.clinic);
    const [name] = patient.name!;
    this.patient = {
      reference: `Patient/${patient.id}`,
      display: `${name!.given!.join(' ')} ${name!.family}`,
    };
    this.resources.push(patient);
  }

  #zone(by: MemberKey = this.#person.doctor): string {
    return this.#clinic.zoneOf(by);
  }

  #doctor(by?: MemberKey): Reference<Practitioner> {
    return this.#clinic.member(by ?? this.#person.doctor);
  }

  /** Who measures and vaccinates in person: the nurse where she works, elsewhere the doctor. */
  #hands(by?: MemberKey): Reference<Practitioner> {
    return this.#clinic.member(
      this.#zone(by) === newYork ? 'lindqvist' : (by ?? this.#person.doctor),
    );
  }

  #wobble(by: number): number {
    return (this.#random() * 2 - 1) * by;
  }

  /** Those who care for the patient: what lets them see the chart. */
  team(...others: MemberKey[]): this {
    const participant = [this.#person.doctor, 'lindqvist' as const, ...others].map((key) => ({
      role: [
        key === 'lindqvist'
          ? snomed('224535009', 'Registered nurse')
          : snomed('309343006', 'Physician'),
      ],
      member: this.#clinic.member(key),
    }));
    const team: CareTeam = {
      resourceType: 'CareTeam',
      id: this.#id('team'),
      status: 'active',
      name: 'Care team',
      subject: this.patient,
      participant,
      managingOrganization: [this.#clinic.organization],
    };
    this.resources.push(team);
    return this;
  }

  /** Images taken so many days ago. */
  images(key: string, description: string, modality: 'CT' | 'DX' | 'US', ago: number): this {
    const study: ImagingStudy = {
      resourceType: 'ImagingStudy',
      id: this.#id(`images ${key}`),
      status: 'available',
      modality: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code: modality }],
      subject: this.patient,
      started: this.#dates.at(ago, '10:20', newYork),
      description,
    };
    this.resources.push(study);
    return this;
  }

  problem(
    key: string,
    code: CodeableConcept,
    since: number,
    more: {
      abated?: number;
      status?: 'active' | 'resolved' | 'inactive' | 'remission';
      severity?: 'mild' | 'moderate' | 'severe';
      note?: string;
    } = {},
  ): this {
    const status = more.status ?? (more.abated === undefined ? 'active' : 'resolved');
    this.resources.push({
      resourceType: 'Condition',
      id: this.#id(`problem ${key}`),
      clinicalStatus: fromHl7('condition-clinical', status),
      verificationStatus: fromHl7('condition-ver-status', 'confirmed'),
      category: [fromHl7('condition-category', 'problem-list-item', 'Problem List Item')],
      ...(more.severity && { severity: severities[more.severity] }),
      code,
      subject: this.patient,
      onsetDateTime: this.#dates.day(since),
      ...(more.abated !== undefined && { abatementDateTime: this.#dates.day(more.abated) }),
      recordedDate: this.#dates.day(since),
      recorder: this.#doctor(),
      ...(more.note && { note: [{ text: more.note }] }),
    });
    return this;
  }

  allergy(
    key: string,
    code: CodeableConcept,
    more: {
      category: 'medication' | 'food' | 'environment';
      criticality: 'low' | 'high';
      since: number;
      reaction: [CodeableConcept, 'mild' | 'moderate' | 'severe'];
      type?: 'allergy' | 'intolerance';
    },
  ): this {
    this.resources.push({
      resourceType: 'AllergyIntolerance',
      id: this.#id(`allergy ${key}`),
      clinicalStatus: fromHl7('allergyintolerance-clinical', 'active', 'Active'),
      verificationStatus: fromHl7('allergyintolerance-verification', 'confirmed', 'Confirmed'),
      type: more.type ?? 'allergy',
      category: [more.category],
      criticality: more.criticality,
      code,
      patient: this.patient,
      onsetDateTime: this.#dates.day(more.since),
      recordedDate: this.#dates.day(more.since),
      recorder: this.#doctor(),
      reaction: [{ manifestation: [more.reaction[0]], severity: more.reaction[1] }],
    });
    return this;
  }

  medicine(key: string, code: CodeableConcept, how: Medicine): this {
    this.resources.push(
      prescription(code, how, {
        id: this.#id(`medicine ${key}`),
        patient: this.patient,
        requester: this.#doctor(how.by),
        since: this.#dates.day(how.since),
        ...(how.until !== undefined && { until: this.#dates.day(how.until) }),
        ...(how.for && { condition: this.#id(`problem ${how.for}`) }),
      }),
    );
    return this;
  }

  /** One dose given. */
  shot(code: string, display: string, daysAgo: number, dose?: number): this {
    this.resources.push({
      resourceType: 'Immunization',
      id: this.#id(`shot ${code} ${daysAgo}`),
      status: 'completed',
      vaccineCode: cvx(code, display),
      patient: this.patient,
      occurrenceDateTime: this.#dates.at(daysAgo, '10:00', 'UTC').slice(0, 10),
      primarySource: true,
      location: this.#clinic.place(this.#zone()),
      lotNumber: `HL${this.#id(`lot ${code} ${daysAgo}`).slice(0, 6).toUpperCase()}`,
      performer: [{ actor: this.#hands() }],
      ...(dose !== undefined && { protocolApplied: [{ doseNumberPositiveInt: dose }] }),
    });
    return this;
  }

  procedure(
    key: string,
    code: CodeableConcept,
    daysAgo: number,
    outcome?: string,
    about?: string,
  ): this {
    const start = this.#dates.at(daysAgo, '11:00', this.#zone());
    this.resources.push({
      resourceType: 'Procedure',
      id: this.#id(`procedure ${key}`),
      status: 'completed',
      code,
      subject: this.patient,
      performedPeriod: { start, end: this.#dates.later(start, 45) },
      ...(about && {
        reasonReference: [{ reference: `Condition/${this.#id(`problem ${about}`)}` }],
      }),
      ...(outcome && { note: [{ text: outcome }] }),
    });
    return this;
  }

  /** A past visit: its appointment, the encounter, what was measured, the signed note. */
  visit(key: string, visit: Visit): this {
    const { by = this.#person.doctor } = visit;
    const zone = this.#zone(by);
    const doctor = this.#doctor(by);
    const start = this.#dates.at(visit.daysAgo, visit.time, zone);
    const end = this.#dates.later(start, visit.minutes);
    const links = {
      appointment: this.#id(`appointment ${key}`),
      encounter: this.#id(`encounter ${key}`),
      patient: this.patient,
      doctor,
      organization: this.#clinic.organization,
      place: this.#clinic.place(zone),
      conditions: (visit.about ?? []).map((one) => this.#id(`problem ${one}`)),
      booked: this.#dates.at(visit.daysAgo + 6, '10:15', zone),
      start,
      end,
    };
    this.resources.push(appointmentOf(visit, links), encounterOf(visit, links));
    const encounter = { reference: `Encounter/${links.encounter}` };
    const performer = visit.mode === 'video' ? this.patient : this.#hands(by);
    const measured = { at: this.#dates.later(start, 3), performer, encounter };
    if (visit.pressure) this.#pressure(`pressure ${key}`, visit.pressure, measured);
    this.#measure(key, this.#withBmi(visit.vitals ?? {}), 'vital-signs', measured);
    if (visit.soap) {
      const custodian = this.#clinic.organization;
      const parties = { subject: this.patient, encounter, author: doctor, custodian };
      this.resources.push(
        note(this.#id(`note ${key}`), visit.soap, parties, this.#dates.later(end, 6)),
      );
    }
    return this;
  }

  #withBmi(values: Values): Values {
    this.#height = values.height ?? this.#height;
    if (values.weight === undefined || this.#height === undefined) return values;
    return { ...values, bmi: values.weight / (this.#height / 100) ** 2 };
  }

  #pressure(name: string, value: readonly [number, number], at: Measured): void {
    this.resources.push(bloodPressure({ id: this.#id(name), subject: this.patient, ...at }, value));
  }

  #measure(key: string, values: Values, category: Category, at: Measured) {
    return Object.entries(values).map(([name, value]) => {
      const made = measurement(
        { id: this.#id(`${name} ${key}`), subject: this.patient, ...at },
        name as MeasureName,
        value,
        category,
        this.#ranges,
      );
      this.resources.push(made);
      return made;
    });
  }

  /** Blood pressure and pulse taken at home: from one level to another over some weeks, with a day's ups and downs. */
  home(readings: {
    from: number;
    every: number;
    count: number;
    pressure: [readonly [number, number], readonly [number, number]];
    heartRate?: number;
  }): this {
    const [first, last] = readings.pressure;
    for (let i = 0; i < readings.count; i++) {
      const way = readings.count === 1 ? 1 : i / (readings.count - 1);
      const along = (which: 0 | 1) =>
        Math.round(
          first[which] + (last[which] - first[which]) * way + this.#wobble(which === 0 ? 5 : 3),
        );
      const minute = String(Math.floor(this.#random() * 50)).padStart(2, '0');
      const daysAgo = readings.from - i * readings.every;
      const at = this.#dates.anyDay(daysAgo, `07:${minute}`, this.#zone());
      const place = { at, performer: this.patient };
      this.#pressure(`home pressure ${daysAgo}`, [along(0), along(1)], place);
      if (readings.heartRate !== undefined)
        this.#measure(
          `home ${daysAgo}`,
          { heartRate: readings.heartRate + this.#wobble(4) },
          'vital-signs',
          place,
        );
    }
    return this;
  }

  /** Something measured at home, once. */
  reading(key: string, daysAgo: number, values: Values): this {
    const at = this.#dates.anyDay(daysAgo, '07:30', this.#zone());
    this.#measure(key, values, 'vital-signs', { at, performer: this.patient });
    return this;
  }

  /** A laboratory report with its results. */
  labs(panel: PanelName, daysAgo: number, values: Values, conclusion?: string): this {
    const place = {
      at: this.#dates.at(daysAgo, '08:10', this.#zone()),
      performer: this.#clinic.organization,
    };
    const results = this.#measure(`${panel} ${daysAgo}`, values, 'laboratory', place);
    const where = { id: this.#id(`report ${panel} ${daysAgo}`), subject: this.patient, ...place };
    this.resources.push(report(where, panel, results, conclusion));
    return this;
  }

  /** A questionnaire's score. */
  score(name: 'phq9' | 'gad7', daysAgo: number, value: number): this {
    const place = { at: this.#dates.at(daysAgo, '09:05', this.#zone()), performer: this.patient };
    this.#measure(`${daysAgo}`, { [name]: value }, 'survey', place);
    return this;
  }

  smoking(status: 'never' | 'former' | 'current', daysAgo: number): this {
    const values = {
      never: snomed('266919005', 'Never smoked tobacco'),
      former: snomed('8517006', 'Ex-smoker'),
      current: snomed('77176002', 'Smoker'),
    };
    this.resources.push(
      finding(
        {
          id: this.#id(`smoking ${daysAgo}`),
          subject: this.patient,
          at: this.#dates.at(daysAgo, '09:00', this.#zone()),
          performer: this.#doctor(),
        },
        {
          coding: [{ system: system.loinc, code: '72166-2', display: 'Tobacco smoking status' }],
          text: 'Tobacco smoking status',
        },
        values[status],
      ),
    );
    return this;
  }

  /** Something ordered and not done yet. */
  order(key: string, code: CodeableConcept, daysAgo: number, about?: string, words?: string): this {
    this.resources.push({
      resourceType: 'ServiceRequest',
      id: this.#id(`order ${key}`),
      status: 'active',
      intent: 'order',
      priority: 'routine',
      code,
      subject: this.patient,
      authoredOn: this.#dates.at(daysAgo, '12:30', this.#zone()),
      requester: this.#doctor(),
      ...(about && {
        reasonReference: [{ reference: `Condition/${this.#id(`problem ${about}`)}` }],
      }),
      ...(words && { note: [{ text: words }] }),
    });
    return this;
  }
}
