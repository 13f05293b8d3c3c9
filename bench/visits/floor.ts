/** What a message would cost a server that does the least, on this machine and in this hour: the floor under the line of the visits. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { inParallel } from '../load.ts';
import { cpuOfTree, startProgram, untilAnswers } from '../processes.ts';
import type { Stage } from './stage.ts';
import { Tally } from './tally.ts';

const pairs = 100;
const each = 60;

/** Prints its line: sixteen pairs at a time, messages as long as in the visits. */
export async function measureFloor(stage: Stage, port: number): Promise<void> {
  const log = join(tmpdir(), `afar-floor-${process.pid}.log`);
  const program = startProgram(
    [resolve(import.meta.dirname, 'floor-server.ts')],
    { DATABASE_URL: stage.env['DATABASE_URL']!, FLOOR_PORT: `${port}` },
    log,
  );
  try {
    await untilAnswers(`http://127.0.0.1:${port}/`, program);
    const tally = new Tally('floor: handed on, one insert');
    const open = (seat: number): Promise<WebSocket> =>
      new Promise((done, fail) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/${seat}`, {
          perMessageDeflate: false,
        });
        socket.on('open', () => done(socket));
        socket.on('error', fail);
      });
    const spent = (): number => stage.cpu() + cpuOfTree(program.pid);
    const sockets = await Promise.all(Array.from({ length: pairs * 2 }, (_, seat) => open(seat)));
    let told = 0;
    for (const socket of sockets)
      socket.on('message', (data: Buffer) => {
        told += 1;
        tally.took(performance.now() - (JSON.parse(data.toString()) as { at: number }).at);
      });
    const before = spent();
    await inParallel(pairs, async (n) => {
      for (let i = 0; i < each / 2; i++) {
        for (const socket of [sockets[2 * n]!, sockets[2 * n + 1]!])
          socket.send(JSON.stringify({ at: performance.now(), text: 'x'.repeat(170) }));
        await sleep(5);
      }
    });
    for (const until = performance.now() + 30_000; told < pairs * each; await sleep(5))
      if (performance.now() > until) throw new Error(`the floor told ${told} messages`);
    console.log(tally.line(spent() - before));
    for (const socket of sockets) socket.close();
  } finally {
    await program.stop();
    rmSync(log);
  }
}
