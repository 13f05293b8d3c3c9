/** Routes of the patient surface. Addresses hold ids only. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { patientRoute } from '../shell/root-routes.tsx';

const parent = { getParentRoute: () => patientRoute };

export const patientRoutes = [
  createRoute({
    ...parent,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
  createRoute({
    ...parent,
    path: 'book',
    component: lazyRouteComponent(() => import('./clinicians.page.tsx'), 'CliniciansPage'),
  }),
  createRoute({
    ...parent,
    path: 'book/$clinicianId/{-$start}',
    component: lazyRouteComponent(() => import('./book.page.tsx'), 'BookPage'),
  }),
  createRoute({
    ...parent,
    path: 'visits/$visitId',
    component: lazyRouteComponent(() => import('./visit.page.tsx'), 'VisitPage'),
  }),
  createRoute({
    ...parent,
    path: 'visits/$visitId/move',
    component: lazyRouteComponent(() => import('./move.page.tsx'), 'MovePage'),
  }),
  createRoute({
    ...parent,
    path: 'now',
    component: lazyRouteComponent(() => import('../on-demand/ask.page.tsx'), 'AskPage'),
  }),
  createRoute({
    ...parent,
    path: 'waitlist',
    validateSearch: ({ clinician }: Record<string, unknown>): { clinician?: string } =>
      typeof clinician === 'string' && /^[0-9a-f-]{36}$/.test(clinician) ? { clinician } : {},
    component: lazyRouteComponent(() => import('./waitlist/waitlist.page.tsx'), 'WaitlistPage'),
  }),
  createRoute({
    ...parent,
    path: 'family/visits',
    component: lazyRouteComponent(() => import('./family-visits.page.tsx'), 'FamilyVisitsPage'),
  }),
  createRoute({
    ...parent,
    path: 'visits/$visitId/intake',
    component: lazyRouteComponent(() => import('./intake.page.tsx'), 'IntakePage'),
  }),
  createRoute({
    ...parent,
    path: 'visits/$visitId/check',
    component: lazyRouteComponent(() => import('./check.page.tsx'), 'CheckPage'),
  }),
  createRoute({
    ...parent,
    path: 'visits/$visitId/room',
    component: lazyRouteComponent(() => import('./room.page.tsx'), 'RoomPage'),
  }),
  createRoute({
    ...parent,
    path: 'family',
    component: lazyRouteComponent(() => import('./family.page.tsx'), 'FamilyPage'),
  }),
  createRoute({
    ...parent,
    path: 'record',
    component: lazyRouteComponent(() => import('./record.page.tsx'), 'RecordPage'),
  }),
  createRoute({
    ...parent,
    path: 'record/readers',
    component: lazyRouteComponent(() => import('./readers/readers.page.tsx'), 'ReadersPage'),
  }),
  createRoute({
    ...parent,
    path: 'sharing',
    component: lazyRouteComponent(() => import('./sharing/consents.page.tsx'), 'ConsentsPage'),
  }),
  createRoute({
    ...parent,
    path: 'sharing/links',
    component: lazyRouteComponent(() => import('./sharing/links/links.page.tsx'), 'LinksPage'),
  }),
  createRoute({
    ...parent,
    path: 'results',
    component: lazyRouteComponent(() => import('./results/results.page.tsx'), 'MyResultsPage'),
  }),
];
