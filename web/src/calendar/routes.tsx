/** The calendar's own address: staff plan there; hours and rooms beside it. Addresses hold ids and days. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import type { SignInRole } from '@afar/access/contract';
import { rootRoute } from '../shell/root-routes.tsx';
import { homeOf, meQuery } from '../shell/session.ts';
import { readSearch } from './shown.ts';

const planners: readonly SignInRole[] = ['practitioner', 'trainee', 'nurse', 'administrator'];

const calendarRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'calendar',
  beforeLoad: async ({ context, location }) => {
    const me = await context.client.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: '/sign-in', search: { next: location.pathname } });
    if (!planners.includes(me.role)) throw redirect({ to: homeOf(me.role) });
    if (!me.mfa) throw redirect({ to: '/account' });
  },
});

export const calendarRoutes = calendarRoute.addChildren([
  createRoute({
    getParentRoute: () => calendarRoute,
    path: '/',
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import('./calendar.page.tsx'), 'CalendarPage'),
  }),
  createRoute({
    getParentRoute: () => calendarRoute,
    path: 'hours',
    component: lazyRouteComponent(() => import('./hours/hours.page.tsx'), 'HoursPage'),
  }),
  createRoute({
    getParentRoute: () => calendarRoute,
    path: 'hours/$clinicianId',
    component: lazyRouteComponent(() => import('./hours/hours.page.tsx'), 'HoursPage'),
  }),
  createRoute({
    getParentRoute: () => calendarRoute,
    path: 'resources',
    component: lazyRouteComponent(() => import('./resources/resources.page.tsx'), 'ResourcesPage'),
  }),
]);
