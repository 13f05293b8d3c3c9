/** What the web app and /auth say to each other about factors, devices and forgotten passwords: types only, no code. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Me } from './contract.ts';

/** What may be asked for beside a password. */
export type SecondFactor = 'passkey' | 'totp' | 'recovery';

/** One of them, shown: six digits, a recovery code, or what an authenticator signed. */
export type FactorProof =
  | { code: string }
  | { recovery: string }
  | { passkey: AuthenticationResponseJSON };

/** `POST /auth/passkey/options`: 200. `second-factor` and `step-up` need the session they are for. */
export interface PasskeyOptionsRequest {
  purpose: 'sign-in' | 'second-factor' | 'step-up';
}
export type PasskeyOptions = PublicKeyCredentialRequestOptionsJSON;

/** `POST /auth/passkey`: 200 SignInResponse, signed in | 401. */
export interface PasskeySignInRequest {
  passkey: AuthenticationResponseJSON;
}

/** `POST /auth/step-up`: 204 | 403 wrong | 429. `password` counts only for who has no second factor. */
export type StepUpRequest = FactorProof | { password: string };

/** `GET /auth/factors`: everything that signs her in. */
export interface Factors {
  totp: boolean;
  passkeys: PasskeyRow[];
  /** How many codes are left. */
  recoveryCodes: number;
  /** Staff: the last factor cannot be taken away. */
  required: boolean;
}

export interface PasskeyRow {
  id: string;
  name: string;
  created: number;
  lastUsed?: number;
  /** Kept on several devices by a password manager. */
  synced: boolean;
}

/** `POST /auth/passkeys/options` answers this; `POST /auth/passkeys` takes what the authenticator made: 201 NewFactor. */
export type PasskeyCreation = PublicKeyCredentialCreationOptionsJSON;
export interface NewPasskeyRequest {
  name: string;
  passkey: RegistrationResponseJSON;
}

/** `POST /auth/totp`: a new secret, shown once; counts after `POST /auth/totp/confirm` {code}: 200 NewFactor. */
export interface NewTotp {
  secret: string;
  uri: string;
}

/** Recovery codes come with the first second factor, and are shown this once. */
export interface NewFactor {
  me: Me;
  recoveryCodes?: string[];
}

/** `POST /auth/recovery-codes`: ten new ones; the old ones are void. */
export interface RecoveryCodes {
  recoveryCodes: string[];
}

/** `GET /auth/devices`; `PATCH /auth/devices/:id` {name}: 204; `DELETE /auth/devices/:id`: 204; `DELETE /auth/devices`: all others. */
export interface DeviceRow {
  id: string;
  /** What she calls it. */
  name?: string;
  /** What the browser says it is. */
  browser: string;
  ip: string;
  created: number;
  lastSeen: number;
  signedIn: boolean;
  current: boolean;
}
export interface DeviceList {
  devices: DeviceRow[];
}

/** `POST /auth/forgotten`: 200, whoever asks for whomever | 429 | 501 no such way. `by` defaults to e-mail. */
export interface ForgottenRequest {
  email: string;
  by?: 'email' | 'phone';
}
export interface ForgottenSent {
  /** To be given back with the code. */
  ticket: string;
  /** ms since epoch: another may be asked for. */
  resendAt: number;
  /** ms since epoch. */
  expiresAt: number;
}

/** `POST /auth/forgotten/code`: 200 | 401 wrong, used or too old | 429. */
export interface ForgottenCodeRequest extends ForgottenRequest {
  ticket: string;
  code: string;
}
/** `POST /auth/forgotten/second-factor` takes a FactorProof and answers this as well. */
export type ForgottenStep =
  | { status: 'second-factor'; methods: SecondFactor[] }
  | { status: 'new-password' };

/** `POST /auth/forgotten/password`: 200 SignInResponse, signed in. */
export interface NewPasswordRequest {
  password: string;
}
