/** Routes of apps that ask for access: for everybody who can sign in. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-routes.tsx';
import { meQuery } from '../shell/session.ts';

export const authorizeRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'authorize/$uid',
    beforeLoad: async ({ context, location }) => {
      const me = await context.client.ensureQueryData(meQuery);
      if (!me) throw redirect({ to: '/sign-in', search: { next: location.pathname } });
    },
    component: lazyRouteComponent(() => import('./authorize.page.tsx'), 'AuthorizePage'),
  }),
];
