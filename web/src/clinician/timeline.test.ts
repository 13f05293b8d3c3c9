/** The timeline: order, words, and narratives as text only. */
import { expect, it } from 'vitest';
import { byYear, narrativeText, timeline } from './timeline.ts';

it('puts events of every kind into one order, newest first, undated last', () => {
  const events = timeline({
    encounters: [
      {
        resourceType: 'Encounter',
        id: 'e',
        status: 'finished',
        class: {},
        type: [{ text: 'Check-up' }],
        reasonCode: [{ text: 'Cough' }],
        period: { start: '2024-05-01T09:00:00Z' },
      },
    ],
    conditions: [
      {
        resourceType: 'Condition',
        id: 'c',
        subject: {},
        code: { text: 'Asthma' },
        onsetDateTime: '2025',
      },
      { resourceType: 'Condition', id: 'd', subject: {}, code: { text: 'Eczema' } },
    ],
  });
  expect(events.map((event) => [event.kind, event.title, event.detail])).toEqual([
    ['problem', 'Asthma', ''],
    ['visit', 'Check-up', 'Cough'],
    ['problem', 'Eczema', ''],
  ]);
  expect(byYear(events).map(([year, list]) => [year, list.length])).toEqual([
    ['2025', 1],
    ['2024', 1],
    ['', 1],
  ]);
});

it('reads a narrative as text: tags are dropped, entities are undone once', () => {
  expect(narrativeText('<div><p>BP &lt; 120<br/>calm</p><script>x</script></div>')).toBe(
    'BP < 120\ncalm\nx',
  );
  expect(narrativeText('<div>&amp;lt;b&amp;gt;</div>')).toBe('&lt;b&gt;');
});
