/** Routes of the emergency surface. Addresses hold ids only. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { emergencyRoute } from '../shell/root-routes.tsx';

const parent = { getParentRoute: () => emergencyRoute };

export const emergencyRoutes = [
  createRoute({
    ...parent,
    path: '/',
    component: lazyRouteComponent(() => import('./find.page.tsx'), 'FindPage'),
  }),
  createRoute({
    ...parent,
    path: '$glassId',
    component: lazyRouteComponent(() => import('./summary.page.tsx'), 'SummaryPage'),
  }),
];
