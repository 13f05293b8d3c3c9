/** The front desk's own address: nurses and administrators work there. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-routes.tsx';
import { homeOf, meQuery } from '../shell/session.ts';

export const frontDeskRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'front-desk',
  beforeLoad: async ({ context, location }) => {
    const me = await context.client.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: '/sign-in', search: { next: location.pathname } });
    if (!['nurse', 'administrator'].includes(me.role)) throw redirect({ to: homeOf(me.role) });
    if (!me.mfa) throw redirect({ to: '/account' });
  },
  component: lazyRouteComponent(() => import('./desk.page.tsx'), 'DeskPage'),
});
