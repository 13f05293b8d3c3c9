/** Pictures into the chart with the patient's yes, going on by telephone, calling again: what is written, and who cannot. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Binary, Encounter, Media, Patient } from '@afar/fhir';
import type {
  AppointmentView,
  CalledAgain,
  Ended,
  JoinTicket,
  OnPhone,
  StillView,
} from '../contract.ts';
import { socketOf } from '../testing/browser-socket.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';
import { ask } from '../testing/guest.ts';
import { jpegOf } from '../testing/jpeg.ts';

let clinic: Clinic;
let clinician: Person;
let patient: Person;
let visit: AppointmentView;
let base: string;

beforeAll(async () => {
  clinic = await openClinic();
  clinician = await clinic.clinician();
  patient = await clinic.person('patient');
  visit = await clinic.admitted(patient, clinician);
  base = `/api/visits/${visit.id}/stills`;
});
afterAll(() => clinic.closeAll());

const put = (who: Person, id: string, bytes: Buffer) =>
  ask<StillView>(clinic, who.cookie, 'PUT', `${base}/${id}`, bytes, {
    'content-type': 'image/jpeg',
  });
const asked = async (): Promise<string> => {
  const id = randomUUID();
  const { status, body } = await clinician.post<StillView>(base, { id });
  expect([status, body.state]).toEqual([201, 'asked']);
  return id;
};
const answer = (id: string, agree: boolean, who = patient) =>
  who.post<StillView>(`${base}/${id}/answer`, { agree });

describe('a picture', () => {
  it('with her yes it is in the chart as Media and Binary, without place and device, once', async () => {
    const id = await asked();
    expect((await answer(id, true)).body.state).toBe('agreed');
    const sent = await Promise.all([1, 2].map(() => put(patient, id, jpegOf(4032, 3024))));
    expect(sent.map((one) => [one.status, one.body.state])).toEqual([
      [200, 'kept'],
      [200, 'kept'],
    ]);
    expect(sent[0]!.body.media).toBe(sent[1]!.body.media);
    const media = await clinic.records.read<Media>(
      clinic.system,
      'Media',
      sent[0]!.body.media!.split('/')[1]!,
    );
    expect(media.resource).toMatchObject({
      status: 'completed',
      subject: { reference: `Patient/${patient.id}` },
      encounter: { reference: expect.stringContaining('Encounter/') as string },
      width: 4032,
      height: 3024,
    });
    const binary = await clinic.records.read<Binary>(
      clinic.system,
      'Binary',
      media.resource.content.url!.split('/')[1]!,
    );
    const bytes = Buffer.from(binary.resource.data!, 'base64');
    expect(bytes.includes('GPSLatitude')).toBe(false);
    // The clinician sees it in the chart; a stranger does not.
    const stranger = await clinic.person('patient');
    const url = `/fhir/R4/Media/${media.rid}`;
    expect((await clinician.get(url)).status).toBe(200);
    expect((await stranger.get(url)).status).toBe(404);
  });

  it('without her yes, after her no, by another, too late, or no picture at all: nothing', async () => {
    const id = await asked();
    expect((await put(patient, id, jpegOf(640, 480))).status).toBe(409);
    expect((await answer(id, true, clinician)).status).toBe(403);
    await answer(id, true);
    expect((await put(clinician, id, jpegOf(640, 480))).status).toBe(403);
    expect((await put(patient, id, Buffer.from('%PDF-1.7'))).status).toBe(415);
    expect((await put(patient, id, jpegOf(20, 20))).status).toBe(422);
    expect((await put(patient, randomUUID(), jpegOf(640, 480))).status).toBe(404);
    expect((await answer(id, false)).body.state).toBe('refused');
    expect((await put(patient, id, jpegOf(640, 480))).status).toBe(409);
    const late = await asked();
    await answer(late, true);
    clinic.clock.advance(120_001);
    expect((await put(patient, late, jpegOf(640, 480))).status).toBe(409);
    expect((await patient.post(base, { id: randomUUID() })).status).toBe(403);
    const other = await clinic.clinician();
    expect((await other.post(base, { id: randomUUID() })).status).toBe(404);
  });
});

describe('calling again, and the telephone', () => {
  it('who is not there is told by a notice, once a minute; who is there is not', async () => {
    const again = () => clinician.post<CalledAgain>(`/api/visits/${visit.id}/call-again`);
    expect((await again()).body.present).toBe(false);
    const notices = await clinic.access.notices.list(1, patient.account, 5);
    expect(notices[0]).toMatchObject({ kind: 'visit-awaited', about: { visit: visit.id } });
    expect((await again()).status).toBe(429);
    const { body } = await patient.post<JoinTicket>(`/api/visits/${visit.id}/join`);
    const at = await socketOf(clinic, patient, visit.id);
    at.say({ type: 'join', token: body.token });
    await at.hear('joined');
    expect((await again()).body.present).toBe(true);
    at.close();
    expect((await patient.post(`/api/visits/${visit.id}/call-again`)).status).toBe(403);
  });

  it('the Encounter says how, since when, by whom and why; the numbers stand in the answer alone; the end bills a telephone visit', async () => {
    const { resource } = await clinic.records.read<Patient>(clinic.system, 'Patient', patient.id);
    await clinic.records.update<Patient>(clinic.system, {
      ...resource,
      telecom: [
        { system: 'phone', value: '+1 212 555 0100', use: 'home' },
        { system: 'phone', value: '+1 917 555 0199', use: 'mobile' },
        { system: 'email', value: 'x@example.org' },
      ],
    });
    const go = () =>
      clinician.post<OnPhone>(`/api/visits/${visit.id}/phone`, { reason: 'network' });
    const { body } = await go();
    expect(body.numbers.map((one) => one.number)).toEqual(['+1 917 555 0199', '+1 212 555 0100']);
    clinic.clock.advance(5_000);
    expect((await go()).body).toMatchObject({ at: body.at, reason: 'network' });
    expect((await clinician.post(`/api/visits/${visit.id}/phone`, { reason: 'whim' })).status).toBe(
      400,
    );
    expect((await patient.post(`/api/visits/${visit.id}/phone`, { reason: 'asked' })).status).toBe(
      403,
    );
    const ended = await clinician.post<Ended>(`/api/visits/${visit.id}/end`, {});
    const encounter = await clinic.records.read<Encounter>(
      clinic.system,
      'Encounter',
      ended.body.encounter,
    );
    const { class: kind, type, extension } = encounter.resource;
    expect(kind.code).toBe('VR');
    expect(type![0]!.coding![0]!.code).toBe('phone');
    expect(extension!.find((one) => one.url === 'urn:afar:phone-conversion')).toMatchObject({
      extension: [
        { url: 'at', valueInstant: body.at },
        { url: 'by', valueReference: { reference: `Practitioner/${clinician.id}` } },
        { url: 'reason', valueCode: 'network' },
      ],
    });
    for (const digits of ['0199', '0100']) expect(clinic.log.text()).not.toContain(digits);
  });
});
