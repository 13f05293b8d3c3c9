/** A log that keeps its lines, so that a test can ask what was (and what must not have been) written. */
import { createLog, type FullLog } from '../log.ts';

/** Every level is kept. `text()` is everything written so far. */
export function testLog(): FullLog & { text(): string } {
  const lines: string[] = [];
  const log = createLog({ level: 'trace', write: (text) => void lines.push(text) });
  return Object.assign(log, {
    text() {
      log.flush();
      return lines.join('');
    },
  });
}
