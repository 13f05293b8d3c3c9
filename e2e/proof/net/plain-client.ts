/**
 * A client of HTTP/1.1 that costs little: what is measured shares its cores with who measures. Keeps connections, one request at a time on
 * each; understands answers with a Content-Length and nothing else.
 */
import { connect, type Socket } from 'node:net';

export interface PlainAnswer {
  status: number;
  /** ms from the wish to the last byte. */
  ms: number;
}

const headEnd = Buffer.from('\r\n\r\n');

class Line {
  readonly #socket: Socket;
  readonly #idle: (line: Line) => void;
  #told: ((status: number | undefined) => void) | undefined;
  #status = 0;
  /** Bytes of the answer still to come; -1: its head is not here yet. */
  #left = -1;
  #head: Buffer = Buffer.alloc(0);
  closed = false;

  constructor(port: number, idle: (line: Line) => void) {
    this.#idle = idle;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes) => this.#came(bytes));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.closed = true;
      this.#end(undefined);
    });
  }

  ask(request: string, told: (status: number | undefined) => void): void {
    this.#told = told;
    this.#left = -1;
    this.#head = Buffer.alloc(0);
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #came(bytes: Buffer): void {
    if (this.#left < 0) {
      this.#head = this.#head.length ? Buffer.concat([this.#head, bytes]) : bytes;
      const at = this.#head.indexOf(headEnd);
      if (at < 0) return;
      const head = this.#head.toString('latin1', 0, at);
      this.#status = Number(head.slice(9, 12));
      const long = /\r\ncontent-length: (\d+)/i.exec(head);
      if (!long) return void this.#socket.destroy();
      this.#left = Number(long[1]) - (this.#head.length - at - headEnd.length);
    } else this.#left -= bytes.length;
    if (this.#left <= 0) this.#end(this.#status);
  }

  #end(status: number | undefined): void {
    const told = this.#told;
    this.#told = undefined;
    if (!this.closed) this.#idle(this);
    told?.(status);
  }
}

export class PlainClient {
  readonly #port: number;
  readonly #lines = new Set<Line>();
  #free: Line[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** @returns status 0 where the connection ended without an answer */
  get(path: string, cookie: string): Promise<PlainAnswer> {
    const began = performance.now();
    const request = `GET ${path} HTTP/1.1\r\nhost: localhost:${this.#port}\r\ncookie: ${cookie}\r\n\r\n`;
    const line = this.#line();
    return new Promise((resolve) => {
      line.ask(request, (status = 0) => {
        if (line.closed) this.#lines.delete(line);
        resolve({ status, ms: performance.now() - began });
      });
    });
  }

  /** So many connections ahead: opening one is not what is measured. */
  open(many: number): void {
    for (let n = this.#lines.size; n < many; n++) this.#free.push(this.#make());
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }

  #line(): Line {
    let line = this.#free.pop();
    while (line?.closed) line = this.#free.pop();
    return line ?? this.#make();
  }

  #make(): Line {
    const line = new Line(this.#port, (one) => this.#free.push(one));
    this.#lines.add(line);
    return line;
  }
}
