/** The server's process: starts, says when it is ready, and ends without leaving anything behind. */
import { compose, type App } from './compose.ts';
import { ConfigFaults, loadConfig, type Config } from './config.ts';
import { openLog } from './open-log.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** One press of Ctrl-C may arrive twice (from the terminal, and passed on by npm): within a second it counts once. */
const samePressMs = 1_000;

function configOrExit(): Config {
  try {
    return loadConfig(process.env, process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    complain(`Afar does not start: ${error.message}`);
    process.exit(2);
  }
}

const config = configOrExit();
const log = openLog(config);
const abort = new AbortController();
let app: App | undefined;
let stoppingSince = 0;

function exit(code: number): never {
  log.flush();
  process.exit(code);
}

async function stop(code: number): Promise<never> {
  stoppingSince ||= Date.now();
  // While it starts there is no app yet: what has begun is undone by `compose`.
  abort.abort();
  if (!app) return exit(code);
  await app.close();
  return exit(code);
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stoppingSince && Date.now() - stoppingSince > samePressMs) {
      complain('Ending at once.');
      app?.abandon();
      exit(1);
    }
    if (stoppingSince) return;
    stoppingSince = Date.now();
    log.info({ signal }, 'stopping');
    say('Afar is stopping...');
    if (app) void stop(0);
    else abort.abort();
  });

for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    log.fatal({ err: error }, event);
    complain(
      `Afar ends on an error (${error instanceof Error ? error.name : 'unknown'}); see the log`,
    );
    // 5 s to let requests in flight go and PostgreSQL write its checkpoint; recovery covers the rest.
    setTimeout(() => exit(1), 5_000).unref();
    void stop(1);
  });

// The script that started us passes signals on; if it was killed outright, nobody would.
const starter = Number(process.env.AFAR_STARTER_PID);
if (starter)
  setInterval(() => {
    if (process.ppid !== starter && !stoppingSince) {
      log.warn({}, 'the starting process is gone: stopping');
      stoppingSince = Date.now();
      if (app) void stop(0);
      else abort.abort();
    }
  }, 500).unref();

try {
  const started = await compose(config, log, {
    signal: abort.signal,
    onStep: (step) => say(`${step}...`),
  });
  app = started;
  await started.listen();
  log.info({ at: started.baseUrl, mode: config.mode }, 'ready');
  say(`Afar is ready: ${started.baseUrl}`);
  if (started.demoAccounts) say(`Demo accounts: ${started.demoAccounts}`);
  for (const url of started.networkUrls) say(`On this network: ${url}`);
  if (abort.signal.aborted) await stop(0);
} catch (error) {
  if (abort.signal.aborted) await stop(0);
  log.fatal({ err: error }, 'the start failed');
  const { message, code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    complain(`Port ${config.port} is taken: set AFAR_PORT to another, or end what uses it`);
  else complain(`Afar does not start: ${message}`);
  await stop(1);
}
