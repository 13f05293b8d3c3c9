/** Routes of messages: hers, and those of who cares for her. Addresses hold ids only. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { clinicianRoute, officeRoute, patientRoute } from '../shell/root-routes.tsx';

const inbox = () => import('./inbox.page.tsx');
const thread = lazyRouteComponent(() => import('./thread.page.tsx'), 'ThreadPage');
const begin = () => import('./new.page.tsx');
const hers = { getParentRoute: () => patientRoute };
const staffs = { getParentRoute: () => clinicianRoute };

export const patientMessageRoutes = [
  createRoute({
    ...hers,
    path: 'messages',
    component: lazyRouteComponent(inbox, 'PatientInboxPage'),
  }),
  createRoute({
    ...hers,
    path: 'messages/new',
    component: lazyRouteComponent(begin, 'PatientNewPage'),
  }),
  createRoute({ ...hers, path: 'messages/$threadId', component: thread }),
];

export const staffMessageRoutes = [
  createRoute({
    ...staffs,
    path: 'messages',
    component: lazyRouteComponent(inbox, 'StaffInboxPage'),
  }),
  createRoute({
    ...staffs,
    path: 'messages/new/$patientId',
    component: lazyRouteComponent(begin, 'StaffNewPage'),
  }),
  createRoute({ ...staffs, path: 'messages/$threadId', component: thread }),
];

export const officeMessageRoutes = [
  createRoute({
    getParentRoute: () => officeRoute,
    path: 'messages',
    component: lazyRouteComponent(() => import('./office.page.tsx'), 'OfficeMessagesPage'),
  }),
];
