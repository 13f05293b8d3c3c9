/** Where share links lead: open to whoever has one. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-routes.tsx';

export const sharedRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'shared',
    component: lazyRouteComponent(() => import('./shared.page.tsx'), 'SharedPage'),
  }),
];
