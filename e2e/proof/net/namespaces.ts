/**
 * A small internet for proofs: the product and each browser in a network namespace of its own with a public-looking address, joined by
 * a router whose links can be slow, lossy or cut. Needs root, ip, tc and iptables; several such internets can stand side by side.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { linkOf, run, type Link } from './shaping.ts';

const tools = ['ip', 'tc', 'iptables', 'iptables-restore'];
const claims = '/run/afar-net';
/** 198.51.100.0/24 has room for sixteen internets of four places each. */
const mostWorlds = 16;
const mostClients = 4;

/** Somewhere with an address, and a link to everywhere else. */
export interface Place {
  /** Of its network namespace. */
  namespace: string;
  address: string;
  link: Link;
  /** Put before a command line to run it there. */
  prefix: string[];
}

export interface World<Client extends string> {
  server: Place;
  clients: Record<Client, Place>;
  /** Takes everything away; whatever still runs inside is killed. */
  close(): void;
}

/** Why namespaces cannot be made here; undefined when they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  const missing = tools.filter(
    (tool) => !folders.some((folder) => existsSync(`${folder}/${tool}`)),
  );
  return missing.length ? `not installed: ${missing.join(', ')}` : undefined;
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** A number nobody else uses; what a killed proof left behind is taken away first. */
function claim(): number {
  mkdirSync(claims, { recursive: true });
  for (let number = 0; number < mostWorlds; number += 1) {
    const file = `${claims}/${number}`;
    if (existsSync(file)) {
      if (runs(Number(readFileSync(file, 'utf8')))) continue;
      takeAway(number);
    }
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return number;
    } catch {
      continue;
    }
  }
  throw new Error(`${mostWorlds} proofs with networks run here already`);
}

function takeAway(number: number): void {
  const prefix = `afar${number}-`;
  for (const line of run('ip', 'netns', 'list').split('\n')) {
    const name = line.split(' ')[0]!;
    if (!name.startsWith(prefix)) continue;
    // What still runs inside would keep the namespace alive without its name.
    for (const pid of run('ip', 'netns', 'pids', name).split('\n').filter(Boolean))
      endProcess(Number(pid));
    // Devices inside go with their namespace, and their other ends with them.
    run('ip', 'netns', 'del', name);
  }
  rmSync(`${claims}/${number}`, { force: true });
}

/**
 * Builds it. The test itself reaches the server too, past every shaped link.
 * Interrupted or killed, the next one cleans up.
 */
export function openWorld<Client extends string>(names: readonly Client[]): World<Client> {
  if (names.length > mostClients) throw new Error(`at most ${mostClients} clients`);
  const number = claim();
  const of = (name: string) => `afar${number}-${name}`;
  const router = of('net');
  const within = (namespace: string, ...command: string[]) =>
    run('ip', 'netns', 'exec', namespace, ...command);

  function namespace(name: string): void {
    run('ip', 'netns', 'add', name);
    within(name, 'ip', 'link', 'set', 'lo', 'up');
  }

  function place(short: string, nearAddress: string, addresses: string[], bits: number): Place {
    const name = of(short);
    const near = `${short.slice(0, 8)}-r`;
    namespace(name);
    run('ip', 'link', 'add', near, 'netns', router, 'type', 'veth', 'peer', 'eth0', 'netns', name);
    within(router, 'ip', 'addr', 'add', `${nearAddress}/${bits}`, 'dev', near);
    within(router, 'ip', 'link', 'set', near, 'up');
    for (const address of addresses)
      within(name, 'ip', 'addr', 'add', `${address}/${bits}`, 'dev', 'eth0');
    within(name, 'ip', 'link', 'set', 'eth0', 'up');
    within(name, 'ip', 'route', 'add', 'default', 'via', nearAddress);
    const link = linkOf(router, near, name, 'eth0');
    return {
      namespace: name,
      address: addresses[0]!,
      link,
      prefix: ['ip', 'netns', 'exec', name],
    };
  }

  const close = (): void => {
    process.off('exit', close);
    takeAway(number);
  };
  process.on('exit', close);
  try {
    namespace(router);
    within(router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    const at = number * 16;
    const server = place('server', `203.0.113.${at + 1}`, [`203.0.113.${at + 2}`], 28);
    const clients = Object.fromEntries(
      names.map((name, index) => {
        const base = at + index * 4;
        return [name, place(name, `198.51.100.${base + 1}`, [`198.51.100.${base + 2}`], 30)];
      }),
    ) as Record<Client, Place>;
    // The test's own way in, beside the links under test.
    const door = `afar${number}-door`;
    // [RFC 2544 C.2.2]: for tests of networks; the documentation networks may be this machine's own.
    const [mine, its] = [`198.18.0.${number * 4 + 2}`, `198.18.0.${number * 4 + 1}`];
    run('ip', 'link', 'add', door, 'type', 'veth', 'peer', 'door-r', 'netns', router);
    run('ip', 'addr', 'add', `${mine}/30`, 'dev', door);
    run('ip', 'link', 'set', door, 'up');
    within(router, 'ip', 'addr', 'add', `${its}/30`, 'dev', 'door-r');
    within(router, 'ip', 'link', 'set', 'door-r', 'up');
    run('ip', 'route', 'add', `203.0.113.${at}/28`, 'via', its, 'src', mine);
    return { server, clients, close };
  } catch (error) {
    close();
    throw error;
  }
}
