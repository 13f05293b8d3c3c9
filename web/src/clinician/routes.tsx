/** Routes of the clinician surface. Addresses hold ids only. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { clinicianRoute } from '../shell/root-routes.tsx';

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
