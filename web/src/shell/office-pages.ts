/** The office has two halves: who works and is seen here, and how the clinic works. */
export const peoplePages = ['/office', '/office/approvals', '/office/roles', '/office/licences'];
export const clinicPages = [
  '/office/on-demand',
  '/office/messages',
  '/office/surveys',
  '/office/results',
  '/office/connections',
  '/office/templates',
];
