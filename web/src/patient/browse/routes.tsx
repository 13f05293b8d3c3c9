/** Pages on booking that anybody may open. Whoever is signed in goes to her own. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import { rootRoute } from '../../shell/root-routes.tsx';
import { homeOf, meQuery } from '../../shell/session.ts';

/** @throws a redirect for staff */
async function isPatient(client: QueryClient): Promise<boolean> {
  const me = await client.ensureQueryData(meQuery);
  if (me && me.role !== 'patient') throw redirect({ to: homeOf(me.role) });
  return me !== null;
}

export const browseRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'book',
    beforeLoad: async ({ context }) => {
      if (await isPatient(context.client)) throw redirect({ to: '/patient/book' });
    },
    component: lazyRouteComponent(() => import('./browse.page.tsx'), 'BrowsePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'book/$clinicianId',
    beforeLoad: async ({ context, params }) => {
      if (await isPatient(context.client))
        throw redirect({ to: '/patient/book/$clinicianId/{-$start}', params });
    },
    component: lazyRouteComponent(() => import('./times.page.tsx'), 'TimesPage'),
  }),
];
