/** Routes of the auditor surface. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { auditorRoute } from '../shell/root-routes.tsx';

export const auditorRoutes = [
  createRoute({
    getParentRoute: () => auditorRoute,
    path: '/',
    // A person's random id, to begin with her events.
    validateSearch: (search: Record<string, unknown>): { who?: string } =>
      typeof search.who === 'string' ? { who: search.who } : {},
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
  createRoute({
    getParentRoute: () => auditorRoute,
    path: 'alerts',
    component: lazyRouteComponent(() => import('./alerts.page.tsx'), 'AlertsPage'),
  }),
  createRoute({
    getParentRoute: () => auditorRoute,
    path: 'emergencies',
    component: lazyRouteComponent(() => import('./emergencies.page.tsx'), 'EmergenciesPage'),
  }),
];
