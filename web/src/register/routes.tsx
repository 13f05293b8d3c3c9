/** Routes of who is not here yet: opening an account, and the demo's messages. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-routes.tsx';
import { homeOf, meQuery } from '../shell/session.ts';

export const registerRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'register',
    // Where she wanted to go: a time she chose before she had an account.
    validateSearch: ({ next }: Record<string, unknown>): { next?: string } =>
      typeof next === 'string' && /^\/patient\/[a-z]/.test(next) ? { next } : {},
    beforeLoad: async ({ context }) => {
      const me = await context.client.ensureQueryData(meQuery);
      if (me) throw redirect({ to: homeOf(me.role) });
    },
    component: lazyRouteComponent(() => import('./register.page.tsx'), 'RegisterPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'outbox',
    component: lazyRouteComponent(() => import('./outbox.page.tsx'), 'OutboxPage'),
  }),
];
