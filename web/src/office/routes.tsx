/** Routes of the office surface. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { officeRoute } from '../shell/root-routes.tsx';

export const officeRoutes = [
  createRoute({
    getParentRoute: () => officeRoute,
    path: '/approvals',
    component: lazyRouteComponent(() => import('./approvals.page.tsx'), 'ApprovalsPage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: '/roles',
    component: lazyRouteComponent(() => import('./roles.page.tsx'), 'RolesPage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'licences',
    component: lazyRouteComponent(() => import('./licences/licences.page.tsx'), 'LicencesPage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'lockdown',
    component: lazyRouteComponent(() => import('./lockdown/lockdown.page.tsx'), 'LockdownPage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'on-demand',
    component: lazyRouteComponent(() => import('../on-demand/settings.page.tsx'), 'SettingsPage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'connections',
    component: lazyRouteComponent(
      () => import('./connections/connections.page.tsx'),
      'ConnectionsPage',
    ),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'clients',
    component: lazyRouteComponent(() => import('./clients/clients.page.tsx'), 'ClientsPage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'results',
    component: lazyRouteComponent(() => import('./results/results.page.tsx'), 'OfficeResultsPage'),
  }),
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'templates',
    component: lazyRouteComponent(
      () => import('../clinician/templates/templates.page.tsx'),
      'TemplatesPage',
    ),
  }),
];
