/** One process of several on this machine does a thing: who holds the name does, and the kernel takes it from the dead. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Claims a name for this process by a socket in the abstract namespace [unix(7)]: no file stays behind a killed process.
 * @returns the way to give it back; undefined while another process holds it
 */
export function claimName(name: string): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => socket.destroy());
  // Hashed: an abstract name is readable to everybody, and no longer than 107 bytes.
  const path = `\0afar-${createHash('sha256').update(name).digest('hex')}`;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(() => new Promise((done) => server.close(() => done())));
    });
  });
}
