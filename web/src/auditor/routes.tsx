/** Routes of the auditor surface. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { auditorRoute } from '../shell/root-routes.tsx';

export const auditorRoutes = [
  createRoute({
    getParentRoute: () => auditorRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
];
