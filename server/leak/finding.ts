/** Something found where it must not be. */
import type { Encoding } from './encodings.ts';
import type { Needle } from './needles.ts';

export interface Finding {
  needle: Needle;
  encoding: Encoding;
  where: string;
}
