/** One section of a note that knows phrases: `.abbr` and Tab or Enter puts one in, Tab goes on to its next field. */
import { Textarea, type TextareaProps } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, type KeyboardEvent } from 'react';
import type { ChartFields } from '@afar/visits/contract';
import { abbreviationAt, expanded, nextField, type Edit } from './phrases.ts';
import { chartFieldsQuery, templatesQuery } from './queries.ts';

interface Props extends Omit<TextareaProps, 'value' | 'onChange'> {
  visit: string;
  value: string;
  onWrite: (text: string) => void;
}

export function NotePart({ visit, value, onWrite, ...rest }: Props) {
  const client = useQueryClient();
  const templates = useQuery(templatesQuery);
  const box = useRef<HTMLTextAreaElement>(null);

  const show = ({ text, from, to }: Edit): void => {
    if (text !== value) onWrite(text);
    // The text is on screen with the next frame: only then can a part of it be selected.
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(from, to);
    });
  };

  /** On a slow line the phrases may come later than the key; what was written meanwhile is not written over. */
  const putIn = async (caret: number): Promise<void> => {
    const [known, fields] = await Promise.all([
      client.ensureQueryData(templatesQuery).catch(() => []),
      // Without an answer of the chart its fields stay, to be filled by hand.
      client.fetchQuery(chartFieldsQuery(visit)).catch((): ChartFields => ({})),
    ]);
    const edit = box.current?.value === value && expanded(value, caret, known, fields);
    if (edit) show(edit);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if ((event.key !== 'Tab' && event.key !== 'Enter') || event.shiftKey) return;
    const { selectionStart: start, selectionEnd: end } = event.currentTarget;
    const abbr = start === end ? abbreviationAt(value, start) : undefined;
    if (abbr && (templates.isPending || templates.data?.some((one) => one.abbr === abbr))) {
      event.preventDefault();
      void putIn(start);
      return;
    }
    // Tab leaves the note as everywhere else, but from a field it goes to the next one.
    const inField = value.slice(start, end).startsWith('[[') || value.slice(0, end).includes('[[');
    const next = event.key === 'Tab' && inField ? nextField(value, end) : undefined;
    if (next && next.from >= end) {
      event.preventDefault();
      show(next);
    }
  };

  return (
    <Textarea
      {...rest}
      ref={box}
      value={value}
      onChange={(event) => onWrite(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}
