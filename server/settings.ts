/** Every setting of the server: its type, default and meaning. docs/configuration.md is made from this table. */
import { mediaSettings } from './media-settings.ts';

interface Common {
  description: string;
  /** Never shown by `npm run afar -- config`. */
  secret?: boolean;
  /** What the default is when it depends on other settings. */
  defaultText?: string;
}

export type Setting = Common &
  (
    | { type: 'integer'; default: number; min: number; max: number }
    | { type: 'text'; default?: string }
    | { type: 'path'; default?: string }
    | { type: 'url'; default?: string; schemes: string[] }
    | { type: 'choice'; default: string; choices: readonly string[] }
    | { type: 'list'; default: string[]; choices?: readonly string[] }
    | { type: 'flag'; default: boolean }
  );

export const settings = {
  AFAR_MODE: {
    type: 'choice',
    default: 'demo',
    choices: ['demo', 'production'],
    description:
      'demo fills a new data folder with a made-up clinic and its accounts. production starts empty and refuses what is unsafe: demo accounts, plain HTTP off loopback, default keys, well-known passwords.',
  },
  AFAR_HOST: {
    type: 'text',
    defaultText: '`127.0.0.1`; with `--tls` `0.0.0.0`',
    description: 'Address to listen on.',
  },
  AFAR_PORT: {
    type: 'integer',
    default: 8080,
    min: 0,
    max: 65_535,
    description: 'Port to listen on; 0 takes a free one.',
  },
  AFAR_DATA: {
    type: 'path',
    default: './.afar',
    description:
      'Folder of everything Afar keeps: `database/` (embedded PostgreSQL, its archive and log), `keys/`, `objects/`, `outbox/`, `audit/`. Back up `keys/` apart from the rest: together they open every record.',
  },
  AFAR_BASE_URL: {
    type: 'url',
    schemes: ['http', 'https'],
    defaultText: '`http(s)://localhost:<port>`',
    description:
      'Address under which browsers and API clients find this installation, without a path. Required in production.',
  },
  DATABASE_URL: {
    type: 'url',
    schemes: ['postgres', 'postgresql'],
    secret: true,
    defaultText: 'the embedded PostgreSQL',
    description:
      'A PostgreSQL 15 or newer of your own. The role must be a superuser, or have CREATEROLE and own the database: Afar makes the roles afar_owner, afar_app and afar_audit (passwords in `keys/database.json`) and works as these. One Afar for each PostgreSQL server; several processes of one Afar share the data folder.',
  },
  AFAR_DB_POOL: {
    type: 'integer',
    default: 16,
    min: 2,
    max: 200,
    description:
      'Database connections of the application in this process; two more serve short reads.',
  },
  AFAR_REPLICA_URLS: {
    type: 'list',
    default: [],
    secret: true,
    description:
      "Streaming replicas of the database, such as `postgres://replica.example.org/afar`. Role and password are Afar's own. Only what belongs to nobody (code systems, value sets, questionnaires, definitions) is read there, and only when the replica has caught up; else the database itself answers. See docs/decisions/0008-replicas.md.",
  },
  AFAR_ROLES: {
    type: 'list',
    default: ['web', 'api', 'worker'],
    choices: ['web', 'api', 'worker'],
    description:
      'What this process does: web serves the app, api answers /fhir, /api, /auth and /oauth, worker runs jobs.',
  },
  AFAR_TLS: {
    type: 'flag',
    default: false,
    description:
      'Serve HTTPS with a self-signed certificate for this machine and its addresses on the network, so that a phone can join. The same as `npm start -- --tls`.',
  },
  AFAR_TLS_CERT: {
    type: 'path',
    description: 'PEM file of the certificate chain. TLS 1.2 at least, 1.3 preferred.',
  },
  AFAR_TLS_KEY: { type: 'path', description: 'PEM file of the private key.' },
  AFAR_KEK_DIR: {
    type: 'path',
    defaultText: '`<AFAR_DATA>/keys`',
    description:
      'Folder of the key-encryption key, which wraps all others. Production refuses the default: keep it on another volume than the data, mode 0700.',
  },
  AFAR_KEK_PROVIDER: {
    type: 'text',
    default: 'local',
    description:
      'Who holds the key-encryption key: `local` (files in AFAR_KEK_DIR), `pkcs11:/path/to/library.so?token=<label>&key=<label>`, `aws-kms:<ARN of a key or an alias>`, `google-kms:projects/.../cryptoKeys/...`, `azure-key-vault:https://<vault>.vault.azure.net/keys/<name>`, `vault-transit:https://<vault>/<mount>/keys/<name>`. How each signs in: docs/operating.md, Keys. Production refuses addresses by plain HTTP off loopback.',
  },
  AFAR_KEK_PROVIDER_OLD: {
    type: 'text',
    description:
      'The provider before, while `npm run afar -- keys rotate --kek` moves to the one above; every process needs both until then. Production refuses one that is the same as AFAR_KEK_PROVIDER.',
  },
  AFAR_KEK_PIN_FILE: {
    type: 'path',
    description: 'File that holds the PIN of the PKCS#11 token, mode 0600.',
  },
  AFAR_KEK_PIN: {
    type: 'text',
    secret: true,
    description:
      'The PIN itself. Production refuses it: other processes of the machine may read an environment.',
  },
  AFAR_KEK_ENDPOINT: {
    type: 'url',
    schemes: ['https', 'http'],
    description: 'Another address of Google Cloud KMS, such as a private one.',
  },
  AFAR_KEK_LIFETIME_MINUTES: {
    type: 'integer',
    default: 15,
    min: 1,
    max: 1440,
    description:
      "How long records stay readable and writable while the key provider does not answer; then requests get 503 until it does. Longer outlives longer outages, and leaves a clinic's keys in memory for longer after they are shut at the provider.",
  },
  AFAR_TRUST_PROXY: {
    type: 'list',
    default: [],
    description:
      'Addresses or CIDR ranges of reverse proxies whose X-Forwarded-For and -Proto headers count.',
  },
  AFAR_SECURITY_CONTACT: {
    type: 'url',
    schemes: ['mailto', 'https'],
    description:
      'Whom to tell of a security hole here, such as `mailto:security@clinic.example`: shown in /.well-known/security.txt. Without it there is no such page.',
  },
  AFAR_RATE_SOURCE: {
    type: 'integer',
    default: 12_000,
    min: 0,
    max: 10_000_000,
    description:
      'Requests a minute of one address (IPv6: one /64), signed in or not; as many may come at once. A clinic behind one address needs room for all its people. 0: no limit. Each process counts for itself.',
  },
  AFAR_RATE_USER: {
    type: 'integer',
    default: 1_500,
    min: 0,
    max: 10_000_000,
    description: 'Requests a minute of one person who is signed in. 0: no limit.',
  },
  AFAR_RATE_CLIENT: {
    type: 'integer',
    default: 60_000,
    min: 0,
    max: 10_000_000,
    description: 'Requests a minute of one API client. 0: no limit.',
  },
  ...mediaSettings,
  AFAR_OUTBOUND_ALLOW: {
    type: 'list',
    default: [],
    description:
      'Addresses or CIDR ranges off the public network that Subscriptions and `$import` may call all the same, such as `10.20.0.0/16`. Everything private, on loopback or link-local is refused otherwise.',
  },
  AFAR_OUTBOUND_HTTP: {
    type: 'flag',
    default: false,
    description:
      'Let Subscriptions and `$import` call plain `http:` addresses: for trying out on one machine. Production refuses it.',
  },
  AFAR_OUTBOUND_CA: {
    type: 'path',
    description:
      'PEM file of certificates trusted besides the common ones when servers of others are called.',
  },
  AFAR_ROLES_FILE: {
    type: 'path',
    description:
      'JSON file of roles by configuration: each one a role of the house held to some types and verbs. A fault in it, or a role that would reach further than the one it is like, stops the start. See docs/roles.md.',
  },
  AFAR_SMTP_URL: {
    type: 'url',
    schemes: ['smtp', 'smtps'],
    secret: true,
    defaultText: 'none; in demo mode mail goes to the folder `outbox/` (`npm run afar -- outbox`)',
    description:
      'The mail server, such as `smtp://user:password@mail.example.org:587` (STARTTLS) or `smtps://...:465`. Off loopback mail leaves by TLS only. Without one, production sends no codes and no mail about notices.',
  },
  AFAR_MAIL_FROM: {
    type: 'text',
    description: 'The sender of mail: `clinic@example.org`, or `The clinic <clinic@example.org>`.',
  },
  AFAR_SMTP_PLAIN: {
    type: 'flag',
    default: false,
    description:
      'Let mail leave without TLS to a server that offers none: for a relay on a network of your own.',
  },
  AFAR_SMS_URL: {
    type: 'url',
    schemes: ['https', 'http'],
    description:
      'Address of an SMS gateway that takes one POST of JSON for a message. Without one, addresses are verified by mail alone. Production wants https.',
  },
  AFAR_SMS_AUTH: {
    type: 'text',
    secret: true,
    description: 'The Authorization header for the SMS gateway, such as `Bearer ...`.',
  },
  AFAR_SMS_BODY: {
    type: 'text',
    defaultText: '`{"to":"{to}","text":"{text}"}`',
    description:
      'The JSON that the SMS gateway wants: `{to}` (the number, as +34600100200) and `{text}` inside its strings are replaced.',
  },
  AFAR_PUSH: {
    type: 'choice',
    default: 'on',
    choices: ['on', 'off'],
    description:
      'Whether browsers may ask to be told of messages and reminders by Web Push. Goes to the push services of the browsers (https, public addresses); what it says is sealed for the browser, and holds no name and nothing clinical.',
  },
  AFAR_REGISTRATION: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'open', 'invite', 'closed'],
    description:
      'Who may open an account as a patient: `open` anybody who verifies an address, `invite` whoever staff sent a link, `closed` nobody. auto is open in demo mode and invite in production.',
  },
  AFAR_MAJORITY_AGE: {
    type: 'integer',
    default: 18,
    min: 12,
    max: 30,
    description:
      "Age in years at which a parent's access to a child's record ends by itself; the child needs an account of her own then.",
  },
  AFAR_UNKNOWN_PROFILES: {
    type: 'choice',
    default: 'accept',
    choices: ['accept', 'refuse'],
    description:
      'What becomes of a write that claims a profile (`meta.profile`) that is not loaded: `accept` stores it unchecked, `refuse` answers 400.',
  },
  AFAR_OAUTH_REGISTRATION: {
    type: 'choice',
    default: 'off',
    choices: ['off', 'on'],
    description:
      'Whether API clients may register themselves at `/oauth/register` (RFC 7591). Each needs a token that an administrator gave, and can do nothing until one gives it scopes.',
  },
  AFAR_LICENCES: {
    type: 'choice',
    default: 'required',
    choices: ['required', 'off'],
    description:
      'Whether clinicians need a verified licence in force to be booked, to join a visit, to sign and to order, and one that reaches where the patient says she is. off asks for none: for clinics whose law knows no such thing, or where another system answers for it.',
  },
  AFAR_LICENSED_ROLES: {
    type: 'list',
    default: ['practitioner', 'nurse'],
    choices: ['practitioner', 'trainee', 'nurse', 'resident', 'pharmacist', 'paramedic'],
    description:
      'Of which roles a licence is asked. Trainees work under the licence of whoever supervises them.',
  },
  AFAR_BOOKINGS_AHEAD: {
    type: 'integer',
    default: 10,
    min: 1,
    max: 1000,
    description: 'How many visits ahead a patient may have booked; staff may book her more.',
  },
  AFAR_RECORDING_DAYS: {
    type: 'integer',
    default: 365,
    min: 1,
    max: 36_500,
    description:
      'How many days a finished recording of a visit is kept; then its key and its bytes are destroyed.',
  },
  AFAR_LOG: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'stdout', 'file'],
    description:
      'Where the log goes, one JSON object a line: standard output, or `<AFAR_DATA>/afar.log` (20 MiB, one older kept). auto is file in demo mode and stdout in production.',
  },
  AFAR_LOG_LEVEL: {
    type: 'choice',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error'],
    description: 'The least that is written.',
  },
  AFAR_DRAIN_SECONDS: {
    type: 'integer',
    default: 10,
    min: 0,
    max: 600,
    description: 'How long requests in flight may take to finish after SIGTERM.',
  },
  AFAR_DRAIN_NOTICE_SECONDS: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 120,
    description:
      'How long after SIGTERM connections are still taken while `/readyz` answers 503: longer than your load balancer needs to notice.',
  },
  AFAR_MOST_AT_ONCE: {
    type: 'integer',
    default: 256,
    min: 0,
    max: 10_000,
    description:
      'Requests that this process works on at once, at the most. Below that it finds by itself how many it can serve well; the rest are answered 503 with Retry-After. 0 turns nobody away.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
