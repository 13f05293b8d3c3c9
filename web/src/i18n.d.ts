/** The keys of the English files are the type of every `t()`: a missing word is a type error. */
import 'i18next';
import type account from './locales/en/account.json';
import type approvals from './locales/en/approvals.json';
import type calendar from './locales/en/calendar.json';
import type feeds from './locales/en/feeds.json';
import type hours from './locales/en/hours.json';
import type booking from './locales/en/booking.json';
import type auditor from './locales/en/auditor.json';
import type authorize from './locales/en/authorize.json';
import type call from './locales/en/call.json';
import type check from './locales/en/check.json';
import type clients from './locales/en/clients.json';
import type clinician from './locales/en/clinician.json';
import type consents from './locales/en/consents.json';
import type cosign from './locales/en/cosign.json';
import type guest from './locales/en/guest.json';
import type group from './locales/en/group.json';
import type emergency from './locales/en/emergency.json';
import type common from './locales/en/common.json';
import type licences from './locales/en/licences.json';
import type links from './locales/en/links.json';
import type lockdown from './locales/en/lockdown.json';
import type office from './locales/en/office.json';
import type patient from './locales/en/patient.json';
import type oversight from './locales/en/oversight.json';
import type desk from './locales/en/desk.json';
import type family from './locales/en/family.json';
import type notices from './locales/en/notices.json';
import type now from './locales/en/now.json';
import type quality from './locales/en/quality.json';
import type readers from './locales/en/readers.json';
import type register from './locales/en/register.json';
import type shell from './locales/en/shell.json';
import type signIn from './locales/en/sign-in.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      account: typeof account;
      approvals: typeof approvals;
      calendar: typeof calendar;
      feeds: typeof feeds;
      hours: typeof hours;
      booking: typeof booking;
      auditor: typeof auditor;
      authorize: typeof authorize;
      call: typeof call;
      check: typeof check;
      clients: typeof clients;
      clinician: typeof clinician;
      common: typeof common;
      consents: typeof consents;
      cosign: typeof cosign;
      emergency: typeof emergency;
      group: typeof group;
      guest: typeof guest;
      licences: typeof licences;
      links: typeof links;
      lockdown: typeof lockdown;
      office: typeof office;
      patient: typeof patient;
      oversight: typeof oversight;
      desk: typeof desk;
      family: typeof family;
      notices: typeof notices;
      now: typeof now;
      quality: typeof quality;
      readers: typeof readers;
      register: typeof register;
      shell: typeof shell;
      'sign-in': typeof signIn;
    };
  }
}
