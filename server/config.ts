/** Reads the settings from the environment and the command line; every fault is told at once, and what is unsafe in production is one. */
import type { LicenceSettings } from '@afar/access';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseRange } from '@afar/exchange';
import type { Rates } from './http/doors.ts';
import { deliveryOf, type DeliveryConfig } from './delivery.ts';
import { isLoopback } from './loopback.ts';
import { mediaOf, shownMedia, unsafeMedia, type MediaConfig } from './media-config.ts';
import { parseSetting, type Values } from './parse-setting.ts';
import { settings, type Setting, type SettingName } from './settings.ts';

export type ProcessRole = 'web' | 'api' | 'worker';

export interface Config {
  mode: 'demo' | 'production';
  host: string;
  port: number;
  /** Absolute. */
  data: string;
  /** Undefined until the port is known, when the port is 0. */
  baseUrl: string | undefined;
  databaseUrl: string | undefined;
  dbPool: number;
  replicaUrls: string[];
  roles: ReadonlySet<ProcessRole>;
  tls: { kind: 'none' } | { kind: 'self-signed' } | { kind: 'files'; cert: string; key: string };
  kekDir: string;
  kekProvider: string;
  kekProviderOld: string | undefined;
  kekLifetimeMs: number;
  trustProxy: string[];
  /** Requests a minute: of a source, of a person, of an API client. */
  rates: Rates;
  securityContact: string | undefined;
  media: MediaConfig;
  outbound: { allow: string[]; allowHttp: boolean; ca: string | undefined };
  unknownProfiles: 'accept' | 'refuse';
  /** File of the roles by configuration. */
  rolesFile: string | undefined;
  /** Whether API clients may register themselves. */
  clientRegistration: boolean;
  /** Of whom verified licences are asked. */
  licences: LicenceSettings;
  bookingsAhead: number;
  recordingDays: number;
  delivery: DeliveryConfig;
  log: 'stdout' | 'file';
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  drainMs: number;
  drainNoticeMs: number;
  /** Requests in service at once; 0: no limit. */
  mostAtOnce: number;
}

/** Settings that cannot stand: all of them, each with its name. */
export class ConfigFaults extends Error {
  readonly faults: string[];
  constructor(faults: string[]) {
    super(`the configuration cannot stand:\n${faults.map((one) => `  - ${one}`).join('\n')}`);
    this.name = 'ConfigFaults';
    this.faults = faults;
  }
}

export { isLoopback };

/** Passwords that everybody tries first. */
const wellKnown = /^(|admin|afar|changeme|default|demo|north|password|postgres|root|secret|test)$/i;

/**
 * @param env the environment; an empty value counts as not set
 * @param args the command line after the program: `--tls`, or `--port=8081` for any setting as its lower-case name
 * @param exists whether a file is there (for tests)
 * @throws ConfigFaults
 */
export function loadConfig(
  env: Record<string, string | undefined>,
  args: string[] = [],
  exists: (path: string) => boolean = existsSync,
): Config {
  const faults: string[] = [];
  const given = { ...env, ...fromArgs(args, faults) };
  for (const name of Object.keys(given))
    if (name.startsWith('AFAR_') && !(name in settings) && !notSettings.test(name))
      faults.push(`${name} is not a setting (see docs/configuration.md)`);

  const values = Object.fromEntries(
    Object.entries(settings).map(([name, setting]: [string, Setting]) => [
      name,
      parseSetting(name, setting, given[name], faults),
    ]),
  ) as Values;

  const tls = tlsOf(values, faults);
  const data = resolve(values.AFAR_DATA!);
  const host = values.AFAR_HOST ?? (tls.kind === 'self-signed' ? '0.0.0.0' : '127.0.0.1');
  const mode = values.AFAR_MODE as Config['mode'];
  const scheme = tls.kind === 'none' ? 'http' : 'https';
  const config: Config = {
    mode,
    host,
    port: values.AFAR_PORT,
    data,
    baseUrl:
      values.AFAR_BASE_URL?.replace(/\/+$/, '') ??
      (values.AFAR_PORT === 0 ? undefined : `${scheme}://localhost:${values.AFAR_PORT}`),
    databaseUrl: values.DATABASE_URL,
    dbPool: values.AFAR_DB_POOL,
    replicaUrls: values.AFAR_REPLICA_URLS,
    roles: new Set(values.AFAR_ROLES as ProcessRole[]),
    tls,
    kekDir: resolve(values.AFAR_KEK_DIR ?? join(data, 'keys')),
    kekProvider: values.AFAR_KEK_PROVIDER ?? 'local',
    kekProviderOld: values.AFAR_KEK_PROVIDER_OLD,
    kekLifetimeMs: values.AFAR_KEK_LIFETIME_MINUTES * 60_000,
    trustProxy: values.AFAR_TRUST_PROXY,
    securityContact: values.AFAR_SECURITY_CONTACT,
    rates: {
      source: values.AFAR_RATE_SOURCE,
      user: values.AFAR_RATE_USER,
      client: values.AFAR_RATE_CLIENT,
    },
    media: mediaOf(values, faults),
    outbound: {
      allow: values.AFAR_OUTBOUND_ALLOW,
      allowHttp: values.AFAR_OUTBOUND_HTTP,
      ca: values.AFAR_OUTBOUND_CA && resolve(values.AFAR_OUTBOUND_CA),
    },
    unknownProfiles: values.AFAR_UNKNOWN_PROFILES === 'refuse' ? 'refuse' : 'accept',
    rolesFile: values.AFAR_ROLES_FILE && resolve(values.AFAR_ROLES_FILE),
    clientRegistration: values.AFAR_OAUTH_REGISTRATION === 'on',
    licences: {
      required: values.AFAR_LICENCES === 'required',
      roles: values.AFAR_LICENSED_ROLES as LicenceSettings['roles'],
    },
    bookingsAhead: values.AFAR_BOOKINGS_AHEAD,
    recordingDays: values.AFAR_RECORDING_DAYS,
    delivery: deliveryOf(values, mode, faults),
    log:
      values.AFAR_LOG === 'auto' ? (mode === 'demo' ? 'file' : 'stdout') : asLog(values.AFAR_LOG),
    logLevel: values.AFAR_LOG_LEVEL as Config['logLevel'],
    drainMs: values.AFAR_DRAIN_SECONDS * 1000,
    drainNoticeMs: values.AFAR_DRAIN_NOTICE_SECONDS * 1000,
    mostAtOnce: values.AFAR_MOST_AT_ONCE,
  };
  if (config.baseUrl && new URL(config.baseUrl).pathname !== '/')
    faults.push('AFAR_BASE_URL must have no path');
  for (const entry of config.outbound.allow)
    if (!parseRange(entry))
      faults.push(`AFAR_OUTBOUND_ALLOW has ${entry}, which is neither an address nor a range`);
  faults.push(...kekFaults(config));
  if (mode === 'production') faults.push(...unsafe(config, values, exists));
  if (faults.length) throw new ConfigFaults(faults);
  return config;
}

/** Names under AFAR_ that other programs of ours use. */
const notSettings = /^AFAR_(TEST|STARTER|CWD|BENCH|PROOF|DEV|E2E)(_|$)/;

const asLog = (value: string): Config['log'] => (value === 'file' ? 'file' : 'stdout');

function fromArgs(args: string[], faults: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const arg of args) {
    const [, option, value] = /^--([a-z][a-z-]*)(?:=(.*))?$/.exec(arg) ?? [];
    const name = `AFAR_${option?.toUpperCase().replaceAll('-', '_')}`;
    if (option && name in settings) given[name] = value ?? 'true';
    else faults.push(`${arg} is not an option`);
  }
  return given;
}

function tlsOf(values: Values, faults: string[]): Config['tls'] {
  const { AFAR_TLS_CERT: cert, AFAR_TLS_KEY: key } = values;
  if (Boolean(cert) !== Boolean(key)) faults.push('AFAR_TLS_CERT and AFAR_TLS_KEY come together');
  if (cert && key) return { kind: 'files', cert: resolve(cert), key: resolve(key) };
  return values.AFAR_TLS ? { kind: 'self-signed' } : { kind: 'none' };
}

const kekKinds = /^(local$|(pkcs11|aws-kms|google-kms|azure-key-vault|vault-transit):.)/;

/** What each kind wants in detail is said when it is opened; this tells a slip of the pen with all other faults. */
function kekFaults({ kekProvider, kekProviderOld }: Config): string[] {
  const faults: string[] = [];
  const wants =
    'must be local, or begin with pkcs11:, aws-kms:, google-kms:, azure-key-vault: or vault-transit:';
  if (!kekKinds.test(kekProvider)) faults.push(`AFAR_KEK_PROVIDER ${wants}`);
  if (kekProviderOld !== undefined && !kekKinds.test(kekProviderOld))
    faults.push(`AFAR_KEK_PROVIDER_OLD ${wants}`);
  if (kekProviderOld === kekProvider)
    faults.push('AFAR_KEK_PROVIDER_OLD is the same as AFAR_KEK_PROVIDER');
  return faults;
}

/** What production does not start with. */
function unsafe(config: Config, values: Values, exists: (path: string) => boolean): string[] {
  const faults: string[] = [];
  if (exists(join(config.data, 'demo-accounts.json')))
    faults.push(
      `AFAR_DATA (${config.data}) holds a demo clinic and its accounts: production needs a folder of its own`,
    );
  if (config.tls.kind === 'none' && !isLoopback(config.host))
    faults.push(
      `AFAR_HOST is ${config.host}: plain HTTP leaves this machine. Set AFAR_TLS_CERT and AFAR_TLS_KEY, or listen on 127.0.0.1 behind a proxy that does TLS`,
    );
  if (config.tls.kind === 'self-signed')
    faults.push('AFAR_TLS makes a self-signed certificate: set AFAR_TLS_CERT and AFAR_TLS_KEY');
  if (config.outbound.allowHttp)
    faults.push('AFAR_OUTBOUND_HTTP lets records travel in the clear: subscribers use https');
  if (!values.AFAR_BASE_URL) faults.push('AFAR_BASE_URL is required in production');
  else {
    const { protocol, hostname } = new URL(values.AFAR_BASE_URL);
    if (protocol !== 'https:' && !isLoopback(hostname))
      faults.push('AFAR_BASE_URL must be https: sessions would travel in the clear');
  }
  const inside = relative(config.data, config.kekDir);
  const specs = [config.kekProvider, config.kekProviderOld].filter((one) => one !== undefined);
  if (specs.includes('local') && !inside.startsWith('..'))
    faults.push(
      'AFAR_KEK_DIR is the default, or inside AFAR_DATA: whoever copies the data would have its key. Set it to a folder elsewhere',
    );
  for (const address of [...specs, values.AFAR_KEK_ENDPOINT ?? '']) {
    const plain = URL.parse(/http:\/\/.*$/.exec(address)?.[0] ?? '');
    if (plain && !isLoopback(plain.hostname))
      faults.push('AFAR_KEK_PROVIDER is reached by plain http: keys would travel in the clear');
  }
  if (values.AFAR_KEK_PIN !== undefined)
    faults.push(
      'AFAR_KEK_PIN is in the environment: put the PIN into a file and name it in AFAR_KEK_PIN_FILE',
    );
  for (const [name, password] of [
    ['AFAR_TURN_SECRET', config.media.turnSecret],
    ['DATABASE_URL', passwordIn(config.databaseUrl)],
  ] as const)
    if (password !== undefined && wellKnown.test(password))
      faults.push(`${name} has a password that everybody tries first`);
  faults.push(...unsafeMedia(config.media));
  return faults;
}

/** Undefined when the URL names no password: the server then trusts the connection itself. */
function passwordIn(url: string | undefined): string | undefined {
  const match = /^[^:]+:\/\/[^:@/]*:([^@/]*)@/.exec(url ?? '');
  return match ? decodeURIComponent(match[1]!) : undefined;
}

/** The settings as they are in force, secrets left out: for `npm run afar -- config`. */
export function shownConfig(config: Config): Record<string, unknown> {
  const hide = (value: string | undefined) => (value === undefined ? undefined : '(set)');
  return {
    ...config,
    roles: [...config.roles],
    databaseUrl: hide(config.databaseUrl),
    media: shownMedia(config.media),
    delivery: {
      ...config.delivery,
      smtp: config.delivery.smtp && { ...config.delivery.smtp, url: '(set)' },
      sms: config.delivery.sms && { ...config.delivery.sms, auth: hide(config.delivery.sms.auth) },
    },
  };
}

export type { SettingName };
