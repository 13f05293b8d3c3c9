/** The router: every surface brings its own routes, each page is fetched when first opened. */
import { createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import { accountRoutes, optOutRoute } from '../account/routes.tsx';
import { auditorRoutes } from '../auditor/routes.tsx';
import { authorizeRoutes } from '../authorize/routes.tsx';
import { calendarRoutes } from '../calendar/routes.tsx';
import { clinicianRoutes } from '../clinician/routes.tsx';
import { PagePending } from '../kit/page.tsx';
import { emergencyRoutes } from '../emergency/routes.tsx';
import { frontDeskRoute } from '../front-desk/routes.tsx';
import {
  officeMessageRoutes,
  patientMessageRoutes,
  staffMessageRoutes,
} from '../messages/routes.tsx';
import { officeRoutes } from '../office/routes.tsx';
import { browseRoutes } from '../patient/browse/routes.tsx';
import { patientRoutes } from '../patient/routes.tsx';
import { registerRoutes } from '../register/routes.tsx';
import { guestRoutes } from '../guest/routes.tsx';
import { sharedRoutes } from '../shared/routes.tsx';
import { officeSurveyRoutes, patientSurveyRoutes } from '../survey/routes.tsx';
import { Broken, NotFound } from './dead-ends.tsx';
import { externalFaults, type ExternalFault } from './external-faults.ts';
import {
  accountRoute,
  auditorRoute,
  clinicianRoute,
  emergencyRoute,
  officeRoute,
  patientRoute,
  rootRoute,
} from './root-routes.tsx';
import { homeOf, meQuery } from './session.ts';

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async ({ context }) => {
    const me = await context.client.ensureQueryData(meQuery);
    throw redirect(me ? { to: homeOf(me.role) } : { to: '/sign-in' });
  },
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'sign-in',
  validateSearch: signInSearch,
  beforeLoad: async ({ context, search }) => {
    const me = await context.client.ensureQueryData(meQuery);
    if (me) throw redirect({ to: search.next ?? homeOf(me.role) });
  },
  component: lazyRouteComponent(() => import('./sign-in.page.tsx'), 'SignInPage'),
});

/** Where to go on; and what another place to sign in left to say: a fault, or which second factors are asked here. */
function signInSearch(search: Record<string, unknown>): {
  next?: string;
  external?: ExternalFault;
  factors?: string;
} {
  const { next, external, factors } = search;
  const fault = externalFaults.find((one) => one === external);
  return {
    ...(typeof next === 'string' && /^\/[a-z]/.test(next) && { next }),
    ...(fault && { external: fault }),
    ...(typeof factors === 'string' && { factors }),
  };
}

const routeTree = rootRoute.addChildren([
  indexRoute,
  signInRoute,
  ...guestRoutes,
  ...sharedRoutes,
  ...authorizeRoutes,
  ...registerRoutes,
  optOutRoute,
  ...browseRoutes,
  frontDeskRoute,
  calendarRoutes,
  patientRoute.addChildren([...patientRoutes, ...patientMessageRoutes, ...patientSurveyRoutes]),
  clinicianRoute.addChildren([...clinicianRoutes, ...staffMessageRoutes]),
  emergencyRoute.addChildren(emergencyRoutes),
  officeRoute.addChildren([...officeRoutes, ...officeMessageRoutes, ...officeSurveyRoutes]),
  auditorRoute.addChildren(auditorRoutes),
  accountRoute.addChildren(accountRoutes),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    context: { client },
    defaultPreload: 'intent',
    defaultPendingMs: 250,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
