/** A load balancer as small as one can be: whole connections, to processes that say that they are ready; a refused one goes to the next. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Balancer {
  port: number;
  close(): Promise<void>;
}

const probeMs = 100;
/** A connection waits so long for a process that takes it. */
const patienceMs = 15_000;

export async function startBalancer(ports: number[], listenOn = 0): Promise<Balancer> {
  const ready = new Set<number>();
  const open = new Set<Socket>();
  let turn = 0;
  const probe = async (port: number): Promise<void> => {
    try {
      const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(1_000),
      });
      if (ok) ready.add(port);
      else ready.delete(port);
    } catch {
      ready.delete(port);
    }
  };
  const timer = setInterval(() => {
    for (const port of ports) void probe(port);
  }, probeMs);

  function pass(client: Socket, until: number): void {
    const all = [...ready];
    const port = all[turn++ % Math.max(1, all.length)];
    const again = (): void => {
      if (Date.now() > until || client.destroyed) client.destroy();
      else setTimeout(() => pass(client, until), 20);
    };
    if (port === undefined) return again();
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    let through = false;
    server.once('connect', () => {
      through = true;
      open.add(server);
      client.pipe(server);
      server.pipe(client);
    });
    server.on('error', () => {
      if (through) client.destroy();
      else {
        ready.delete(port);
        again();
      }
    });
    server.on('close', () => open.delete(server));
    client.on('close', () => server.destroy());
  }

  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => undefined);
    pass(client, Date.now() + patienceMs);
  });
  await Promise.all(ports.map(probe));
  await new Promise<void>((resolve) => listener.listen(listenOn, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    async close() {
      clearInterval(timer);
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
