/** Routes of the account surface: the same for every role. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '../shell/root-routes.tsx';

export const accountRoutes = [
  createRoute({
    getParentRoute: () => accountRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
  createRoute({
    getParentRoute: () => accountRoute,
    path: 'apps',
    component: lazyRouteComponent(() => import('../authorize/apps.page.tsx'), 'AppsPage'),
  }),
];
