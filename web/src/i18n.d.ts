/** The keys of the English files are the type of every `t()`: a missing word is a type error. */
import 'i18next';
import type account from './locales/en/account.json';
import type auditor from './locales/en/auditor.json';
import type authorize from './locales/en/authorize.json';
import type call from './locales/en/call.json';
import type clinician from './locales/en/clinician.json';
import type common from './locales/en/common.json';
import type office from './locales/en/office.json';
import type patient from './locales/en/patient.json';
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
      office: typeof office;
      patient: typeof patient;
      shell: typeof shell;
      'sign-in': typeof signIn;
    };
  }
}
