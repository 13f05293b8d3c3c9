/** What a browser wants to see: its last word, of as many as a room can hold. */
import { expect, it } from 'vitest';
import { Layers } from './layers.ts';

it('the last word counts; who is not named stays as she was; nobody fills a memory by naming strangers', () => {
  const layers = new Layers('low');
  layers.want({ ana: 'high', ben: 'off' });
  layers.want({ ben: 'low' });
  expect([layers.of('ana'), layers.of('ben'), layers.of('cleo')]).toEqual(['high', 'low', 'low']);
  for (let n = 0; n < 10_000; n++) layers.want({ [`nobody-${n}`]: 'off', ana: 'high' });
  expect(layers.size).toBe(16);
  expect(layers.of('ana')).toBe('high');
});
