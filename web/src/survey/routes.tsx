/** Routes of surveys: a patient's own, and the office's results. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { officeRoute, patientRoute } from '../shell/root-routes.tsx';

export const patientSurveyRoutes = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: 'visits/$visitId/survey',
    component: lazyRouteComponent(() => import('./survey.page.tsx'), 'SurveyPage'),
  }),
];

export const officeSurveyRoutes = [
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'surveys',
    component: lazyRouteComponent(() => import('./results.page.tsx'), 'SurveyResultsPage'),
  }),
];
