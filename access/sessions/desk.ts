/** The desk where people sign in, put together: sessions, devices, factors, and their routes. */
import type { Db, KeyRing } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { createFactors, type Factors } from '../accounts/factors.ts';
import type { Codes } from '../codes/codes.ts';
import type { Notices } from '../notices/notices.ts';
import { createChallenges } from '../passkeys/challenges.ts';
import { createPasskeyCeremonies, type RelyingParty } from '../passkeys/passkeys.ts';
import { createPasskeyStore } from '../passkeys/store.ts';
import { createForgotten } from '../recovery/forgotten.ts';
import { authRoutes } from '../routes/auth.ts';
import { demoRoutes } from '../routes/demo.ts';
import { deviceRoutes } from '../routes/devices.ts';
import { factorRoutes } from '../routes/factors.ts';
import { forgottenRoutes } from '../routes/forgotten.ts';
import { ownAccountRoutes } from '../routes/own-account.ts';
import { ownSession } from '../routes/own-session.ts';
import type { Cookies } from './cookies.ts';
import { createDevices, type Devices } from './devices.ts';
import { createOpening, type Opening } from './opening.ts';
import { createProofs } from './proofs.ts';
import type { Sessions } from './sessions.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createThrottle } from './throttle.ts';

export interface DeskDeps {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  accounts: Accounts;
  codes: Codes;
  cookies: Cookies;
  notices: Notices;
  sessions: Sessions;
  mode: 'demo' | 'production';
  pepper?: Buffer;
  /** Public address people see, of a clinic. */
  baseUrlOf(tenant: number): string;
  tenantOf(host: string): number;
}

export interface Desk {
  devices: Devices;
  factors: Factors;
  opening: Opening;
  signIn: SignIn;
  routes(http: FastifyInstance): void;
  sweep(): Promise<void>;
}

export function createDesk(deps: DeskDeps): Desk {
  const { baseUrlOf, mode } = deps;
  const demo = mode === 'demo';
  const rp = (tenant: number): RelyingParty => {
    const { hostname: id, origin } = new URL(baseUrlOf(tenant));
    return { id, origin };
  };
  const devices = createDevices(deps);
  const throttle = createThrottle(deps);
  const passkeys = createPasskeyStore(deps);
  const challenges = createChallenges(deps);
  const ceremonies = createPasskeyCeremonies({ store: passkeys, challenges, rp });
  const factors = createFactors({ ...deps, passkeys });
  const proofs = createProofs({ ...deps, ceremonies, devices, throttle });
  const opening = createOpening({ ...deps, devices, demo });
  const signIn = createSignIn({ ...deps, devices, throttle, proofs, opening, ceremonies });
  const forgotten = createForgotten({ ...deps, devices, opening, proofs });
  const own = ownSession(deps);
  return {
    devices,
    factors,
    opening,
    signIn,
    routes(http) {
      authRoutes(http, { ...deps, signIn, opening, ceremonies, passkeys, own });
      ownAccountRoutes(http, { ...deps, devices, opening, signIn, own });
      factorRoutes(http, { ...deps, factors, ceremonies, opening, proofs, own });
      deviceRoutes(http, { ...deps, devices, own });
      forgottenRoutes(http, { ...deps, forgotten });
      demoRoutes(http, { ...deps, signIn, own, demo });
    },
    async sweep() {
      await throttle.sweep();
      await challenges.sweep();
    },
  };
}
