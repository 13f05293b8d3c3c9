/** Routes of the account surface: the same for every role. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute, rootRoute } from '../shell/root-routes.tsx';

/** For whoever holds the link in a mail: nobody signs in for it. */
export const optOutRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'opt-out',
  component: lazyRouteComponent(() => import('./contacts/opt-out.page.tsx'), 'OptOutPage'),
});

export const accountRoutes = [
  createRoute({
    getParentRoute: () => accountRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
  createRoute({
    getParentRoute: () => accountRoute,
    path: 'contacts',
    component: lazyRouteComponent(() => import('./contacts/contacts.page.tsx'), 'ContactsPage'),
  }),
  createRoute({
    getParentRoute: () => accountRoute,
    path: 'apps',
    component: lazyRouteComponent(() => import('../authorize/apps.page.tsx'), 'AppsPage'),
  }),
];
