/** The room on a world of its own, for tests. */
import { createJobs, fileOutbox, type fixedClock } from '@afar/platform';
import { openWorld, type World } from '@afar/records/testing';
import { createSharing, type Sharing } from './index.ts';

export interface SharingWorld {
  world: World;
  sharing: Sharing;
  http: Awaited<ReturnType<World['http']>>;
  /** An account for this patient; its id. */
  accountOf(patient: string): Promise<string>;
  close(): Promise<void>;
}

export async function openSharing(clock: ReturnType<typeof fixedClock>): Promise<SharingWorld> {
  const world = await openWorld({ clock, rooms: ['sharing'] });
  const sharing = createSharing({
    ...world,
    db: world.data.db,
    jobs: createJobs({ url: world.data.url, log: world.log }),
    delivery: fileOutbox({ dir: `${world.folder}/outbox`, key: () => world.keys.tenant(1), clock }),
    baseUrl: 'https://clinic.example',
    tenantOf: () => 1,
  });
  const http = await world.http(async (app) => {
    await app.register(sharing.plugin, { prefix: '/api' });
  });
  return {
    world,
    sharing,
    http,
    async accountOf(patient) {
      const account = await world.access.accounts.create({
        tenant: 1,
        role: 'patient',
        email: 'ada@home.example',
        name: 'Ada Okonjo',
        password: 'correct-horse-battery-staple-42',
        fhirUser: { type: 'Patient', id: patient },
      });
      return account.id;
    },
    async close() {
      await sharing.stop();
      await world.close();
    },
  };
}
