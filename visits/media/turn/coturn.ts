/** coturn beside us: relays for browsers that cannot reach each other, with a secret of its own for each start. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  chooseRunAs,
  durableFolder,
  supervise,
  writeFor,
  type Child,
  type Log,
  type RunAs,
} from '@afar/platform';
import { shareChild } from '../shared-child.ts';
import type { IceConfig } from './credentials.ts';
import { turnserverConf, type TurnSettings } from './settings.ts';

export interface CoturnOptions {
  /** Absolute path of `turnserver`. */
  program: string;
  /** The media folder of the data folder: `turn/` below it is coturn's. */
  folder: string;
  settings: TurnSettings;
  /** The name or address browsers reach it by; with TLS the certificate's. */
  host: string;
  /** The certificate as it is now, PEM; asked again each minute. undefined: no TLS. */
  certificate(): Promise<{ cert: string; key: string } | undefined>;
  log: Log;
}

export interface Relay {
  /** What browsers are to be told now; no relay while none runs. */
  ice(): IceConfig;
  /** Relayed addresses in use; undefined in a process that does not run it, or where it is not ours. */
  allocations(): number | undefined;
  stop(): Promise<void>;
}

/** Let's Encrypt renews a month early: a minute is soon enough. */
const certificateEveryMs = 60_000;

/** Follows coturn's own lines: how many relayed addresses there are. */
export function countAllocations(): {
  line(text: string): void;
  reset(): void;
  readonly size: number;
} {
  const sessions = new Set<string>();
  return {
    line(text) {
      const [, session, what] = /session (\d+): (new, realm|delete: realm)/.exec(text) ?? [];
      if (!session) return;
      if (what!.startsWith('new')) sessions.add(session);
      else sessions.delete(session);
    },
    reset: () => sessions.clear(),
    get size() {
      return sessions.size;
    },
  };
}

/** Runs coturn, in this process or another one of this machine. Nothing fails when it does not come up: calls go without a relay. */
export function startCoturn(opts: CoturnOptions): Relay {
  const { program, settings, log } = opts;
  const folder = join(opts.folder, 'turn');
  const counted = countAllocations();
  const host = opts.host.includes(':') ? `[${opts.host}]` : opts.host;
  const timers: NodeJS.Timeout[] = [];

  const write = (run: RunAs, name: string, text: string): string =>
    writeFor(run, join(folder, name), text);

  async function begin(
    tell: (state: { secret: string; tls: boolean } | undefined) => void,
  ): Promise<Child> {
    durableFolder(folder, 0o700);
    const ports = [settings.port, settings.tlsPort];
    const run = chooseRunAs({
      program,
      folder,
      users: ['turnserver', 'nobody'],
      name: 'coturn',
      endsWithUs: true,
      lowPorts: ports.some((port) => port < 1024) && process.getuid?.() === 0,
    });
    let certificate: { cert: string; key: string } | undefined;
    let secret = '';
    const writeCertificate = ({ cert, key }: { cert: string; key: string }) => ({
      cert: write(run, 'cert.pem', cert),
      key: write(run, 'key.pem', key),
    });
    const child = supervise({
      name: 'coturn',
      run,
      log,
      async prepare() {
        secret = randomBytes(32).toString('hex');
        certificate = await opts.certificate();
        const tls = certificate && writeCertificate(certificate);
        const conf = turnserverConf(settings, { folder, ...(tls && { tls }) }, secret);
        return { program, args: ['-c', write(run, 'turnserver.conf', conf)], cwd: folder };
      },
      onLine: counted.line,
      onStart: () => tell({ secret, tls: certificate !== undefined }),
      onEnd() {
        counted.reset();
        tell(undefined);
      },
    });
    const renew = async (): Promise<void> => {
      const now = await opts.certificate();
      if (!now || !certificate || now.cert === certificate.cert) return;
      certificate = now;
      writeCertificate(now);
      // [turnserver(1)] SIGUSR2: certificates and keys are read again.
      child.signal('SIGUSR2');
    };
    timers.push(
      setInterval(() => {
        renew().catch((error: unknown) =>
          log.warn({ err: error }, 'the certificate of coturn was not renewed'),
        );
      }, certificateEveryMs).unref(),
    );
    return child;
  }

  const shared = shareChild({ name: 'turn', folder: opts.folder, log, begin });
  return {
    ice() {
      const state = shared.state();
      const plain = `${host}:${settings.port}`;
      if (!state) return { stunUrls: [], turnUrls: [] };
      // Each address costs every browser a relayed address at every start: where TLS is there, plain TCP passes no firewall that TLS does not.
      const fallback = state.tls
        ? `turns:${host}:${settings.tlsPort}?transport=tcp`
        : `turn:${plain}?transport=tcp`;
      const turnUrls = [`turn:${plain}?transport=udp`, fallback];
      return { stunUrls: [`stun:${plain}`], turnUrls, turnSecret: state.secret };
    },
    allocations: () => (shared.mine ? counted.size : undefined),
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
      await shared.stop();
    },
  };
}

/** Relays somebody else runs, with the secret they share with us. */
export const configuredRelay = (config: IceConfig): Relay => ({
  ice: () => config,
  allocations: () => undefined,
  stop: () => Promise.resolve(),
});
