/** The clinic of the load: as many clinicians as visits, each with hours all day, as many patients, all with accounts. */
import { systemCaller } from '@afar/access';
import { systemClock } from '@afar/platform';
import { withHouse } from '../../server/cli/open.ts';
import { loadConfig } from '../../server/config.ts';

export interface Pair {
  patient: { email: string; id: string };
  clinician: { email: string; id: string };
}

const at16 = async (total: number, work: (n: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
};

/** Makes them beside the running servers, on the same folder and database. All share one password's hash: 6,000 argon2 would take longer than the load. */
export async function fillClinic(env: Record<string, string>, visits: number): Promise<Pair[]> {
  return withHouse(loadConfig(env), async ({ access, records, visits: room }) => {
    const system = systemCaller(1, systemClock, 'bench');
    const password = { hash: await access.accounts.hashOf('nine blue stones under a lamp') };
    const pairs: Pair[] = Array.from({ length: visits });
    const person = async (role: 'patient' | 'practitioner', n: number) => {
      const resource =
        role === 'patient'
          ? ({
              resourceType: 'Patient',
              name: [{ family: `Load${n}`, given: ['Pat'] }],
              birthDate: '1984-02-29',
            } as const)
          : ({
              resourceType: 'Practitioner',
              name: [{ family: `Load${n}`, given: ['Doc'] }],
            } as const);
      const { id } = await records.create(system, resource as never);
      const email = `${role}-${n}@load.example`;
      const fhirUser = { type: resource.resourceType, id } as const;
      await access.accounts.create({
        tenant: 1,
        role,
        email,
        name: `Load${n}`,
        password,
        fhirUser,
      });
      return { email, id };
    };
    await at16(visits, async (n) => {
      const [patient, clinician] = [await person('patient', n), await person('practitioner', n)];
      await room.schedules.put(system, {
        clinician: clinician.id,
        zone: 'UTC',
        slotMinutes: 30,
        bufferBefore: 0,
        bufferAfter: 0,
        capacity: 1,
        noticeMinutes: 0,
        horizonDays: 14,
        modes: ['video'],
        hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({
          day: day as 1,
          start: '00:00',
          end: '24:00',
        })),
        exceptions: [],
        closures: [],
        active: true,
      });
      pairs[n] = { patient, clinician };
    });
    return pairs;
  });
}
