/** Films of a recording, with and without what was left out. */
import { expect, it } from 'vitest';
import { filmsIn } from './parts.ts';

const header = Uint8Array.from([0x1a, 0x45, 0xdf, 0xa3, 1]).buffer;
const more = (n: number): ArrayBuffer => Uint8Array.from([0, n]).buffer;
const [one, two, three] = [more(1), more(2), more(3)];

it('begins a film at each header', () => {
  expect(filmsIn([header, one, header, two])).toEqual([
    [header, one],
    [header, two],
  ]);
});

it('shows nothing after a chunk that was left out until the next film begins', () => {
  expect(filmsIn([header, one, undefined, two, header, three])).toEqual([
    [header, one],
    [header, three],
  ]);
  expect(filmsIn([undefined, one, two])).toEqual([]);
  expect(filmsIn([undefined, one, header, two])).toEqual([[header, two]]);
});
