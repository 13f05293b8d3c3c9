/** What a link between a place and the internet of a test is like: rate, loss, and what does not pass. */
import { execFileSync } from 'node:child_process';

/** Runs a program of the system; fails with what it said. */
export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export interface Link {
  /** Both ways, kbit/s; undefined takes the limit away. The queue holds 200 ms: a home router's, not a data centre's. */
  rate(kbit: number | undefined): void;
  /** Of packets, each way, at random; 0 takes it away. */
  loss(percent: number): void;
  /** Nothing passes, and nobody is told: an outage. */
  cut(): void;
  mend(): void;
  /** As a firewall of a hospital or hotel does. */
  blockUdp(): void;
  unblockUdp(): void;
  /** Packets between this place and that address are dropped, both ways: no direct path. */
  blockTo(address: string): void;
  unblockTo(address: string): void;
}

/**
 * @param router namespace of the router; @param near its device towards the place
 * @param place namespace of the place; @param far the place's device
 */
export function linkOf(router: string, near: string, place: string, far: string): Link {
  let lost = 0;
  let down = false;
  let noUdp = false;
  const away = new Set<string>();
  const inRouter = (...args: string[]) => run('ip', 'netns', 'exec', router, ...args);
  const chain = `link-${near}`;
  inRouter('iptables', '-N', chain);
  for (const way of ['-i', '-o']) inRouter('iptables', '-A', 'FORWARD', way, near, '-j', chain);

  function apply(): void {
    const rules: string[][] = [];
    if (down) rules.push([]);
    if (noUdp) rules.push(['-p', 'udp']);
    for (const address of away) rules.push(['-s', address], ['-d', address]);
    if (lost > 0)
      rules.push(['-m', 'statistic', '--mode', 'random', '--probability', String(lost / 100)]);
    // One step, so that nothing slips through between two commands.
    const lines = rules.map((rule) => `-A ${chain} ${rule.join(' ')} -j DROP\n`).join('');
    execFileSync('ip', ['netns', 'exec', router, 'iptables-restore', '--noflush'], {
      input: `*filter\n:${chain} - [0:0]\n${lines}COMMIT\n`,
    });
  }

  const shape = (namespace: string, device: string, kbit: number | undefined): void => {
    const qdisc = ['netns', 'exec', namespace, 'tc', 'qdisc'];
    if (kbit === undefined) run('ip', ...qdisc, 'del', 'dev', device, 'root');
    else {
      // 20 ms at the rate, and two full packets at least: fewer and tbf lets none through.
      const burst = Math.max(3_100, Math.round((kbit * 1000 * 0.02) / 8));
      const filter = ['tbf', 'rate', `${kbit}kbit`, 'burst', `${burst}`, 'latency', '200ms'];
      run('ip', ...qdisc, 'replace', 'dev', device, 'root', ...filter);
    }
  };
  let limited = false;
  const set = (change: () => void) => () => {
    change();
    apply();
  };
  return {
    rate(kbit) {
      if (kbit === undefined && !limited) return;
      limited = kbit !== undefined;
      shape(router, near, kbit);
      shape(place, far, kbit);
    },
    loss(percent) {
      lost = percent;
      apply();
    },
    cut: set(() => (down = true)),
    mend: set(() => (down = false)),
    blockUdp: set(() => (noUdp = true)),
    unblockUdp: set(() => (noUdp = false)),
    blockTo(address) {
      away.add(address);
      apply();
    },
    unblockTo(address) {
      away.delete(address);
      apply();
    },
  };
}
