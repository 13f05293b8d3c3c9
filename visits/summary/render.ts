/** A visit's summary written out as a document in the patient's language. */
import type { OrderView, TaskView, VisitSummary } from '../contract.ts';
import { beginSheet, styles, type Sheet, type Style } from './pdf.ts';
import { fill, localeOf, wordsIn, type SummaryLanguage, type SummaryWords } from './words.ts';

export type ReadySummary = Extract<VisitSummary, { status: 'ready' }>;

type Item = { text: string; style: Style }[];

interface Writing {
  words: SummaryWords;
  day(date: string): string;
  instant(at: string): string;
}

function writing(language: SummaryLanguage, zone: string): Writing {
  const locale = localeOf(language);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const instants = new Intl.DateTimeFormat(locale, {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: zone,
  });
  const at = (text: string, format: Intl.DateTimeFormat): string => {
    const instant = Date.parse(text);
    return Number.isNaN(instant) ? '' : format.format(instant);
  };
  return {
    words: wordsIn(language),
    day: (date) => at(date.slice(0, 10), days),
    instant: (text) => at(text, instants),
  };
}

function orderItem(order: OrderView, { words, day }: Writing): Item {
  const facts = [
    words.order[order.kind],
    order.priority === 'routine' ? '' : words.urgent,
    order.due ? fill(words.due, { date: day(order.due) }) : '',
    order.target?.name ? fill(words.by, { name: order.target.name }) : '',
    order.specimen ? fill(words.specimen, { text: order.specimen }) : '',
    order.bodySite ? fill(words.bodySite, { text: order.bodySite }) : '',
  ].filter(Boolean);
  return [
    { text: order.text, style: styles.strong },
    { text: facts.join(' · '), style: styles.quiet },
    ...(order.instructions ? [{ text: order.instructions, style: styles.text }] : []),
  ];
}

function taskItem(task: TaskView, { words, day }: Writing): Item {
  const facts = [
    task.due ? fill(words.due, { date: day(task.due) }) : '',
    task.state === 'done' ? words.done : '',
  ].filter(Boolean);
  return [
    { text: task.text, style: styles.strong },
    ...(facts.length ? [{ text: facts.join(' · '), style: styles.quiet }] : []),
  ];
}

function section(sheet: Sheet, title: string, text: string): void {
  if (!text.trim()) return;
  sheet.heading(title, 'H2');
  // Each paragraph of the note is one to a screen reader.
  for (const part of text.split(/\n{2,}/)) if (part.trim()) sheet.paragraph(part.trim());
}

/** @param opts.zone whose clock times are told in; `made`: now, ms since epoch */
export function renderSummary(
  summary: ReadySummary,
  opts: { language: SummaryLanguage; zone: string; made: number },
): NodeJS.ReadableStream {
  const { language, zone } = opts;
  const on = writing(language, zone);
  const { words } = on;
  const { sheet, stream } = beginSheet({
    language,
    direction: language === 'ar' ? 'rtl' : 'ltr',
    title: words.title,
    made: new Date(opts.made),
  });
  sheet.heading(words.title, 'H1');
  sheet.paragraph(fill(words.for, { name: summary.patient.name }), styles.strong);
  const who = [fill(words.with, { name: summary.clinician.name }), summary.clinician.specialty];
  sheet.paragraph(who.filter(Boolean).join(' · '));
  const held = [
    on.instant(summary.start),
    words.mode[summary.mode],
    summary.minutes === undefined ? '' : fill(words.minutes, { count: summary.minutes }),
  ];
  sheet.paragraph(held.filter(Boolean).join(' · '), styles.quiet);

  section(sheet, words.plan, summary.plan);
  if (summary.tasks.length) {
    sheet.heading(words.tasks, 'H2');
    sheet.list(summary.tasks.map((one) => taskItem(one, on)));
  }
  if (summary.followUp.length) {
    sheet.heading(words.next, 'H2');
    sheet.list(summary.followUp.map((one) => orderItem(one, on)));
  }
  sheet.heading(words.medicines, 'H2');
  if (summary.medicines.length === 0) sheet.paragraph(words.noMedicines);
  else
    sheet.list(
      summary.medicines.map(({ name, dosage }) => [
        { text: name, style: styles.strong },
        ...(dosage ? [{ text: dosage, style: styles.quiet }] : []),
      ]),
    );
  section(sheet, words.found, summary.found);
  section(sheet, words.why, summary.reason);
  if (summary.addenda.length) {
    sheet.heading(words.added, 'H2');
    for (const { at, text } of summary.addenda) {
      sheet.paragraph(on.instant(at), styles.quiet);
      sheet.paragraph(text);
    }
  }
  sheet.heading(words.call, 'H2');
  sheet.paragraph(words.callSoon);
  sheet.paragraph(words.callNow, styles.strong);
  sheet.paragraph(
    fill(words.signed, { name: summary.clinician.name, date: on.instant(summary.signedAt) }),
    styles.quiet,
  );
  sheet.end((page, pages) => `${words.title} · ${fill(words.page, { page, pages })}`);
  return stream;
}
