/** The least that hands messages on and keeps them: sockets in pairs, one inserted row a message, nobody asked who she is, nothing sealed. Run by floor.ts. */
import { createServer } from 'node:http';
import pg from 'pg';
import { WebSocketServer, type WebSocket } from 'ws';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query(
  'create table floor_message (receiver int, n bigserial, body text, primary key (receiver, n))',
);
const http = createServer((_, answer) => answer.end());
const sockets = new Map<number, WebSocket>();
new WebSocketServer({ server: http, perMessageDeflate: false }).on(
  'connection',
  (socket, { url }) => {
    const seat = Number(url!.slice(1));
    sockets.set(seat, socket);
    socket.on('message', (data: Buffer) => {
      const body = JSON.stringify(JSON.parse(data.toString()));
      const receiver = seat ^ 1;
      void pool
        .query({
          name: 'keep',
          text: 'insert into floor_message (receiver, body) values ($1, $2)',
          values: [receiver, body],
        })
        .then(() => sockets.get(receiver)?.send(body));
    });
  },
);
http.listen(Number(process.env.FLOOR_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
