/** Where an invitation into a visit leads: open to whoever has one. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-routes.tsx';

export const guestRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'guest',
    component: lazyRouteComponent(() => import('./guest.page.tsx'), 'GuestPage'),
  }),
];
