/** Routes of the clinician surface. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { clinicianRoute } from '../shell/root-routes.tsx';

export const clinicianRoutes = [
  createRoute({
    getParentRoute: () => clinicianRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
];
