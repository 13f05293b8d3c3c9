/** Routes of the office surface. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { officeRoute } from '../shell/root-routes.tsx';

export const officeRoutes = [
  createRoute({
    getParentRoute: () => officeRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
];
