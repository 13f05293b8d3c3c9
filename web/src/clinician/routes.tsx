/** Routes of the clinician surface. Addresses hold ids only. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { clinicianRoute } from '../shell/root-routes.tsx';
import { meQuery } from '../shell/session.ts';

const parent = { getParentRoute: () => clinicianRoute };

export const clinicianRoutes = [
  createRoute({
    ...parent,
    path: '/',
    component: lazyRouteComponent(() => import('./home.page.tsx'), 'HomePage'),
  }),
  createRoute({
    ...parent,
    path: 'visits/$visitId',
    component: lazyRouteComponent(() => import('./visit.page.tsx'), 'VisitPage'),
  }),
  createRoute({
    ...parent,
    path: 'patients',
    component: lazyRouteComponent(() => import('./patients.page.tsx'), 'PatientsPage'),
  }),
  createRoute({
    ...parent,
    path: 'patients/$patientId',
    component: lazyRouteComponent(() => import('./patient.page.tsx'), 'PatientPage'),
  }),
  createRoute({
    ...parent,
    path: 'licence',
    component: lazyRouteComponent(() => import('./licence/licence.page.tsx'), 'LicencePage'),
  }),
  createRoute({
    ...parent,
    path: 'results',
    beforeLoad: async ({ context }) => {
      // Whoever answers for no results has her tasks here.
      const me = await context.client.ensureQueryData(meQuery);
      if (me?.role !== 'practitioner') throw redirect({ to: '/clinician/tasks' });
    },
    component: lazyRouteComponent(() => import('./inbox/results.page.tsx'), 'ResultsPage'),
  }),
  createRoute({
    ...parent,
    path: 'tasks',
    component: lazyRouteComponent(() => import('./tasks/tasks.page.tsx'), 'TasksPage'),
  }),
  createRoute({
    ...parent,
    path: 'templates',
    component: lazyRouteComponent(() => import('./templates/templates.page.tsx'), 'TemplatesPage'),
  }),
];
