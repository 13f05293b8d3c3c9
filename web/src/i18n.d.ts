/** The keys of the English files are the type of every `t()`: a missing word is a type error. */
import 'i18next';
import type account from './locales/en/account.json';
import type auditor from './locales/en/auditor.json';
import type authorize from './locales/en/authorize.json';
import type call from './locales/en/call.json';
import type clinician from './locales/en/clinician.json';
import type consents from './locales/en/consents.json';
import type emergency from './locales/en/emergency.json';
import type common from './locales/en/common.json';
import type office from './locales/en/office.json';
import type patient from './locales/en/patient.json';
import type oversight from './locales/en/oversight.json';
import type readers from './locales/en/readers.json';
import type shell from './locales/en/shell.json';
import type signIn from './locales/en/sign-in.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      account: typeof account;
      auditor: typeof auditor;
      authorize: typeof authorize;
      call: typeof call;
      clinician: typeof clinician;
      common: typeof common;
      consents: typeof consents;
      emergency: typeof emergency;
      office: typeof office;
      patient: typeof patient;
      oversight: typeof oversight;
      readers: typeof readers;
      shell: typeof shell;
      'sign-in': typeof signIn;
    };
  }
}
