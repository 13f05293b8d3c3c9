/** What coturn is told, and what is read from its lines. */
import { describe, expect, it } from 'vitest';
import { countAllocations } from './coturn.ts';
import { deniedPeers, peerRange, reachesLoopback } from './peers.ts';
import { turnserverConf, type TurnSettings } from './settings.ts';

const settings: TurnSettings = {
  addresses: ['203.0.113.5'],
  port: 3478,
  tlsPort: 5349,
  relayPorts: { min: 50_000, max: 50_200 },
  realm: 'clinic.test',
  allowedPeers: ['127.0.0.2'],
  userQuota: 4,
  totalQuota: 50,
  kbitPerRelay: 4_000,
};

describe('what coturn is told', () => {
  it('names every denied range, and a listed one after it', () => {
    const conf = turnserverConf(settings, { folder: '/f' }, 'secret');
    for (const range of deniedPeers)
      expect(conf).toContain(`\ndenied-peer-ip=${peerRange(range)}\n`);
    expect(conf).toContain('\ndenied-peer-ip=10.0.0.0-10.255.255.255\n');
    expect(conf).toContain('\nallowed-peer-ip=127.0.0.2\n');
    expect(conf).toContain('\nno-tcp-relay\n');
  });

  it('opens loopback only for a range that takes it in', () => {
    expect(reachesLoopback(['10.0.0.0/8', 'fc00::/7', '192.168.1.4'])).toBe(false);
    const ranges = ['127.0.0.9', '127.0.0.0/16', '0.0.0.0/0', '::1', '::/0'];
    expect(ranges.filter((range) => reachesLoopback([range]))).toEqual(ranges);
  });

  it('never holds a line that a value began', () => {
    const realm = 'clinic\nallowed-peer-ip=0.0.0.0-255.255.255.255';
    expect(() => turnserverConf({ ...settings, realm }, { folder: '/f' }, 's')).toThrow(
      'line break',
    );
  });

  it('counts relayed addresses by its own lines', () => {
    const counted = countAllocations();
    const line = (session: number, what: string) =>
      counted.line(`0: : session 00${session}: ${what}`);
    line(1, 'new, realm=<clinic.test>, username=<1:a>, lifetime=600');
    line(2, 'new, realm=<clinic.test>, username=<1:b>, lifetime=600');
    line(1, 'refreshed, realm=<clinic.test>, username=<1:a>, lifetime=0');
    line(1, 'delete: realm=<clinic.test>, username=<1:a>');
    line(3, 'closed (2nd stage), user <> realm <> origin <>');
    expect(counted.size).toBe(1);
  });
});
