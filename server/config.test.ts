/** Settings: all faults at once, nothing unsafe in production, and a page that says what the program does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationPage } from './config-page.ts';
import { ConfigFaults, loadConfig, shownConfig } from './config.ts';
import { mediaOrigins } from './media-config.ts';

const nothing: (path: string) => boolean = () => false;
const load = (env: Record<string, string>, args: string[] = [], exists = nothing) =>
  loadConfig(env, args, exists);

function faultsOf(env: Record<string, string>, args: string[] = [], exists = nothing): string[] {
  try {
    load(env, args, exists);
  } catch (error) {
    if (error instanceof ConfigFaults) return error.faults;
    throw error;
  }
  return [];
}

const production = {
  AFAR_MODE: 'production',
  AFAR_BASE_URL: 'https://afar.example.org',
  AFAR_KEK_DIR: '/run/afar-kek',
};

describe('defaults', () => {
  it('listen on loopback in demo mode', () => {
    const config = load({});
    expect(config).toMatchObject({
      mode: 'demo',
      host: '127.0.0.1',
      port: 8080,
      baseUrl: 'http://localhost:8080',
      tls: { kind: 'none' },
      log: 'file',
    });
    expect(config.data).toBe(join(process.cwd(), '.afar'));
    expect(config.kekDir).toBe(join(config.data, 'keys'));
  });

  it('--tls serves the network by https', () => {
    expect(load({}, ['--tls', '--port=9000'])).toMatchObject({
      host: '0.0.0.0',
      baseUrl: 'https://localhost:9000',
      tls: { kind: 'self-signed' },
    });
  });

  it('an empty variable counts as not set', () => {
    expect(load({ AFAR_PORT: '', DATABASE_URL: ' ' })).toMatchObject({ port: 8080 });
  });

  it('takes a socket URL of PostgreSQL', () => {
    const url = 'postgres://u:p@/afar?host=/var/run/postgresql';
    expect(load({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });
});

describe('faults', () => {
  it('are all told at once, by name', () => {
    const faults = faultsOf(
      {
        AFAR_PORT: '80a',
        AFAR_MODE: 'test',
        DATABASE_URL: 'mysql://root:hunter2@localhost/x',
        AFAR_PROT: '1',
        AFAR_TLS_CERT: 'a.pem',
        AFAR_ROLES: 'web,cook',
      },
      ['--bogus'],
    );
    for (const name of ['AFAR_PORT', 'AFAR_MODE', 'DATABASE_URL', 'AFAR_PROT', 'AFAR_TLS_CERT'])
      expect(faults.join('\n')).toContain(name);
    expect(faults).toHaveLength(7);
    expect(faults.join()).not.toContain('hunter2');
  });
});

describe('the key provider', () => {
  it.each(['kms', 'aws-kms', 'pkcs11:'])('%s is a fault', (spec) => {
    expect(faultsOf({ AFAR_KEK_PROVIDER: spec }).join()).toMatch(/AFAR_KEK_PROVIDER must be/);
  });

  it('is not moved away from and to at once', () => {
    const env = { AFAR_KEK_PROVIDER: 'local', AFAR_KEK_PROVIDER_OLD: 'local' };
    expect(faultsOf(env).join()).toMatch(/the same/);
  });

  it('that holds the key itself needs no folder elsewhere in production', () => {
    const vault = 'vault-transit:https://vault.example.org/transit/keys/afar';
    const env = { ...production, AFAR_KEK_DIR: '', AFAR_KEK_PROVIDER: vault };
    expect(faultsOf(env)).toEqual([]);
    // While keys are moved from the local folder to it, they do.
    expect(faultsOf({ ...env, AFAR_KEK_PROVIDER_OLD: 'local' }).join()).toMatch(/AFAR_KEK_DIR/);
  });
});

describe('production refuses', () => {
  it('nothing of a safe configuration', () => {
    expect(faultsOf(production)).toEqual([]);
  });

  const cases: [string, Record<string, string>, RegExp][] = [
    ['plain HTTP off loopback', { AFAR_HOST: '0.0.0.0' }, /plain HTTP/],
    ['plain HTTP on the network address', { AFAR_HOST: '192.168.1.5' }, /plain HTTP/],
    ['the default key folder', { AFAR_KEK_DIR: '' }, /AFAR_KEK_DIR/],
    ['a key folder inside the data', { AFAR_KEK_DIR: '.afar/elsewhere' }, /AFAR_KEK_DIR/],
    [
      'a key provider by plain HTTP',
      { AFAR_KEK_PROVIDER: 'vault-transit:http://vault.example.org/transit/keys/afar' },
      /plain http/,
    ],
    ['a PIN in the environment', { AFAR_KEK_PIN: '2468' }, /AFAR_KEK_PIN_FILE/],
    ['a self-signed certificate', { AFAR_TLS: 'true' }, /self-signed/],
    ['no base URL', { AFAR_BASE_URL: '' }, /AFAR_BASE_URL is required/],
    ['a plain base URL', { AFAR_BASE_URL: 'http://afar.example.org' }, /must be https/],
    ['a short TURN secret', { AFAR_TURN_SECRET: 'abc' }, /AFAR_TURN_SECRET/],
    [
      'a Janus elsewhere by plain ws',
      { AFAR_JANUS_URL: 'ws://10.0.0.7:8188', AFAR_JANUS_TOKEN: 'a token that is long enough' },
      /AFAR_JANUS_URL is reached by plain ws/,
    ],
    [
      'a well-known database password',
      { DATABASE_URL: 'postgres://afar:postgres@db/afar' },
      /everybody tries/,
    ],
  ];
  it.each(cases)('%s', (_what, env, message) => {
    expect(faultsOf({ ...production, ...env }).join('\n')).toMatch(message);
    // The same is no fault in demo mode: it is the mode that refuses.
    expect(faultsOf({ ...env, AFAR_MODE: 'demo' })).toEqual([]);
  });

  it('a data folder with demo accounts', () => {
    const faults = faultsOf(production, [], (path) => path.endsWith('demo-accounts.json'));
    expect(faults.join()).toMatch(/demo clinic/);
  });

  it('tells all of it at once', () => {
    expect(faultsOf({ AFAR_MODE: 'production', AFAR_HOST: '0.0.0.0' })).toHaveLength(3);
  });
});

describe('media', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['a relay with no secret', { AFAR_TURN_URLS: 'turn:t.example' }, /needs AFAR_TURN_SECRET/],
    ['a range that is none', { AFAR_TURN_ALLOWED_PEERS: '10.0.0.0/33' }, /ALLOWED_PEERS has 10/],
    ['too few ports', { AFAR_TURN_RELAY_PORTS: '50000-50010' }, /AFAR_TURN_RELAY_PORTS/],
    ['an outer name', { AFAR_MEDIA_EXTERNAL: 'afar.example.org' }, /must be an address/],
    ['a Janus with no secret', { AFAR_JANUS_URL: 'wss://j.example' }, /needs AFAR_JANUS_API/],
    ['LiveKit with no key', { AFAR_LIVEKIT_URLS: 'wss://l.example' }, /needs AFAR_LIVEKIT_KEY/],
    [
      'two engines for many',
      {
        AFAR_JANUS_URL: 'wss://j.example',
        AFAR_JANUS_TOKEN: 'token',
        AFAR_LIVEKIT_URLS: 'wss://l.example',
        AFAR_LIVEKIT_KEY: 'key',
        AFAR_LIVEKIT_SECRET: 'secret',
      },
      /choose one/,
    ],
  ];
  it.each(cases)('refuses %s', (_what, env, message) => {
    expect(faultsOf(env).join('\n')).toMatch(message);
  });

  it('LiveKit has regions by name, and pages may go there', () => {
    const { media } = load({
      AFAR_LIVEKIT_URLS: 'eu=wss://eu.example:7880,us=wss://us.example',
      AFAR_LIVEKIT_KEY: 'key',
      AFAR_LIVEKIT_SECRET: 'tiger',
    });
    expect(media.livekit?.regions).toEqual([
      { name: 'eu', url: 'wss://eu.example:7880' },
      { name: 'us', url: 'wss://us.example' },
    ]);
    expect(mediaOrigins(media)).toEqual([
      'wss://eu.example:7880',
      'https://eu.example:7880',
      'wss://us.example',
      'https://us.example',
    ]);
  });
});

it('shows no secret', () => {
  const config = load({
    DATABASE_URL: 'postgres://u:hunter2@db/afar',
    AFAR_TURN_SECRET: 'tiger-in-the-tank-42',
    AFAR_JANUS_API_SECRET: 'tiger-janus',
    AFAR_JANUS_ADMIN_KEY: 'tiger-admin',
    AFAR_LIVEKIT_URLS: 'wss://l.example',
    AFAR_LIVEKIT_KEY: 'key',
    AFAR_LIVEKIT_SECRET: 'tiger-live',
  });
  expect(JSON.stringify(shownConfig(config))).not.toMatch(/hunter2|tiger/);
});

it('docs/configuration.md is what the settings say', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'configuration.md'), 'utf8');
  expect(page).toBe(configurationPage());
});

describe('messages and registration', () => {
  const smtp = {
    AFAR_SMTP_URL: 'smtp://afar:s3cr3t-of-mail@mail.example.org',
    AFAR_MAIL_FROM: 'a@example.org',
  };

  it('is open in demo mode, by invitation in production, as asked elsewhere', () => {
    expect(load({}).delivery.registration).toBe('open');
    expect(load(production).delivery.registration).toBe('invite');
    const asked = { ...production, ...smtp, AFAR_REGISTRATION: 'open' };
    expect(load(asked).delivery.registration).toBe('open');
  });

  it('is not open in production while no code can be sent', () => {
    const faults = faultsOf({ ...production, AFAR_REGISTRATION: 'open' });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('AFAR_SMTP_URL');
  });

  it('tells what cannot stand', () => {
    const faults = faultsOf({
      ...production,
      AFAR_SMTP_URL: 'smtp://mail.example.org',
      AFAR_SMS_URL: 'http://sms.example.org',
      AFAR_SMS_BODY: '{"to":"{to}"}',
    });
    for (const name of ['AFAR_MAIL_FROM', 'AFAR_SMS_URL', 'AFAR_SMS_BODY'])
      expect(faults.join()).toContain(name);
    expect(faultsOf({ AFAR_MAIL_FROM: 'x\r\nBcc: y@example.org' })).toHaveLength(1);
  });

  it('shows no password of a gateway', () => {
    const shown = JSON.stringify(
      shownConfig(
        load({ ...smtp, AFAR_SMS_URL: 'https://sms.example.org', AFAR_SMS_AUTH: 'Bearer k-e-y' }),
      ),
    );
    expect(shown).not.toContain('s3cr3t');
    expect(shown).not.toContain('k-e-y');
  });
});
