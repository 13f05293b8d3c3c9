/** The routes every surface hangs on: the root, and one guarded parent a surface. */
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import type { SignInRole } from '@afar/access/contract';
import { Broken, NotFound } from './dead-ends.tsx';
import { Root } from './root.tsx';
import { homeOf, meQuery } from './session.ts';

export interface RouterContext {
  client: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: Broken,
});

/** Sends whoever is not signed in to the sign-in page, and whoever has another role to her own home. */
async function guard(
  client: QueryClient,
  roles: readonly SignInRole[],
  here: string,
): Promise<void> {
  const me = await client.ensureQueryData(meQuery);
  if (!me) throw redirect({ to: '/sign-in', search: { next: here } });
  if (!roles.includes(me.role)) throw redirect({ to: homeOf(me.role) });
  // Staff without a second factor reach nothing else until they have one.
  if (!me.mfa) throw redirect({ to: '/account' });
}

/** Everybody's own: how she signs in, and where. */
export const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'account',
  beforeLoad: async ({ context, location }) => {
    const me = await context.client.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: '/sign-in', search: { next: location.pathname } });
  },
});

export const patientRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'patient',
  beforeLoad: ({ context, location }) => guard(context.client, ['patient'], location.pathname),
});

export const clinicianRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'clinician',
  beforeLoad: ({ context, location }) =>
    guard(
      context.client,
      ['practitioner', 'trainee', 'nurse', 'resident', 'pharmacist', 'paramedic'],
      location.pathname,
    ),
});

/** Charts of people one does not care for, opened in an emergency. */
export const emergencyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'emergency',
  beforeLoad: ({ context, location }) =>
    guard(context.client, ['practitioner', 'nurse', 'paramedic'], location.pathname),
});

export const officeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'office',
  beforeLoad: ({ context, location }) =>
    guard(context.client, ['administrator'], location.pathname),
});

export const auditorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'auditor',
  beforeLoad: ({ context, location }) => guard(context.client, ['auditor'], location.pathname),
});
