/** Words of an emergency are found as people write them, and everyday ones are not. */
import { expect, it } from 'vitest';
import { hasRedFlag } from './red-flags.ts';

it.each([
  'I have CHEST PAIN since this morning',
  'there is a pressure in my chest',
  'I can’t breathe well at night',
  'my husband’s face is drooping',
  'The wound is bleeding and it won’t stop',
  'sometimes I want to die',
  'I took too many pills',
  'her throat is swelling',
  'my baby has not moved since yesterday',
  'Tengo un dolor en el pecho muy fuerte',
  'No puedo respirar',
  'a veces pienso en el suicidio',
  'quiero hacerme daño',
  'عندي ألم في الصدر',
  'لا أستطيع التنفس',
  'أفكر في الانتحار',
])('stops: %s', (text) => expect(hasRedFlag(text)).toBe(true));

it.each([
  'Can I take the tablets with milk?',
  'My back pain is better, thank you',
  'I would like to change my appointment',
  'The chest of drawers fell on my foot, it is blue',
  'Me duele la rodilla desde hace una semana',
  'أريد تغيير الموعد',
])('lets pass: %s', (text) => expect(hasRedFlag(text)).toBe(false));

it('takes as long as the text is, whatever it is made of', () => {
  const began = process.cpuUsage().user;
  for (const piece of ['bleeding ', 'chest ', ' ', 'sangr', 'vomit', 'tos', 'no ', 'فقد'])
    hasRedFlag(piece.repeat(8000 / piece.length));
  // Microseconds of processor time: a pattern that runs away takes seconds for one message, in which nobody is served.
  expect(process.cpuUsage().user - began).toBeLessThan(1_000_000);
});
