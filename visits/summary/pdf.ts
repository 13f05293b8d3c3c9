/**
 * A document in the language of its reader: pages with headings, paragraphs and lists, tagged for screen readers, right to left where
 * the language is [ISO 32000-1 14.8; PDF/UA-1]. Fonts come along; nothing is fetched.
 */
import PDFDocument from 'pdfkit';
import type { Subset, Weight } from './fonts.ts';
import { directionOf, linesOf, type Direction, type Run } from './lines.ts';

export interface Style {
  size: number;
  weight: Weight;
  colour: string;
  /** Space above and below, points. */
  above: number;
  below: number;
}

export const styles = {
  title: { size: 22, weight: 700, colour: '#12343b', above: 0, below: 6 },
  heading: { size: 13, weight: 700, colour: '#12343b', above: 16, below: 4 },
  text: { size: 11, weight: 400, colour: '#1d2b2e', above: 0, below: 4 },
  strong: { size: 11, weight: 700, colour: '#1d2b2e', above: 2, below: 1 },
  quiet: { size: 9.5, weight: 400, colour: '#4c5f63', above: 0, below: 3 },
} as const satisfies Record<string, Style>;

/** Points; A4, with room for a thumb and for a punch. */
const margin = 56;
const leading = 1.5;
/** Where letters stand in a line: the same for every font, so that two scripts share it. */
const ascent = 1.1;

export interface Sheet {
  heading(text: string, level: 'H1' | 'H2'): void;
  paragraph(text: string, style?: Style): void;
  /** One list; each item a few paragraphs. */
  list(items: { text: string; style: Style }[][]): void;
  /** Ends it; `footer` is written on each page. */
  end(footer: (page: number, pages: number) => string): void;
}

type Doc = InstanceType<typeof PDFDocument>;

class Pages implements Sheet {
  readonly doc: Doc;
  readonly base: Direction;

  constructor(doc: Doc, base: Direction) {
    this.doc = doc;
    this.base = base;
  }

  #use(subset: Subset, weight: Weight, size: number): void {
    const name = `${subset.name}-${weight}`;
    // Registered by name: parsed when first used, embedded only with the letters it shows.
    if (!this.#known.has(name)) {
      this.#known.add(name);
      this.doc.registerFont(name, subset.font(weight));
    }
    this.doc.font(name).fontSize(size);
  }
  readonly #known = new Set<string>();

  #width({ text, subset }: Run, { weight, size }: Style): number {
    this.#use(subset, weight, size);
    return this.doc.widthOfString(text);
  }

  get #room(): number {
    return this.doc.page.width - 2 * margin;
  }

  /** Draws one line from left to right, all its letters on one base line. */
  #show(runs: readonly Run[], style: Style, y: number, start: (whole: number) => number): void {
    const { doc } = this;
    const widths = runs.map((run) => this.#width(run, style));
    let x = start(widths.reduce((sum, one) => sum + one, 0));
    for (const [at, run] of runs.entries()) {
      this.#use(run.subset, style.weight, style.size);
      doc
        .fillColor(style.colour)
        .text(run.text, x, y + ascent * style.size, { lineBreak: false, baseline: 'alphabetic' });
      x += widths[at]!;
    }
  }

  /** Draws a paragraph's lines; a new page where the next line does not fit. */
  #draw(text: string, style: Style, indent = 0): void {
    const { doc } = this;
    doc.y += style.above;
    for (const part of text.replaceAll('\r\n', '\n').split('\n')) {
      const direction = directionOf(part, this.base);
      const room = this.#room - indent;
      for (const line of linesOf(part, direction, room, (run) => this.#width(run, style))) {
        const height = style.size * leading;
        if (doc.y + height > doc.page.height - margin) doc.addPage();
        const startsAt = this.base === 'rtl' ? margin : margin + indent;
        // What belongs to a list stands beside its mark, whatever its letters.
        const fromEnd = (indent ? this.base : direction) === 'rtl';
        const { y } = doc;
        this.#show(line.runs, style, y, (whole) => (fromEnd ? startsAt + room - whole : startsAt));
        doc.x = margin;
        doc.y = y + height;
      }
    }
    doc.y += style.below;
  }

  /** A structure element with what it says in reading order: drawn letters of Arabic stand in another [14.9.4 ActualText]. */
  #element(type: string, text: string, style: Style, indent = 0) {
    return this.doc.struct(type, { actual: text }, () => this.#draw(text, style, indent));
  }

  heading(text: string, level: 'H1' | 'H2'): void {
    const style = level === 'H1' ? styles.title : styles.heading;
    // Never a heading alone at the foot of a page.
    const needed = style.above + style.size * leading + 3 * styles.text.size * leading;
    if (this.doc.y + needed > this.doc.page.height - margin) this.doc.addPage();
    this.doc.addStructure(this.#element(level, text, style));
  }

  paragraph(text: string, style: Style = styles.text): void {
    this.doc.addStructure(this.#element('P', text, style));
  }

  list(items: { text: string; style: Style }[][]): void {
    const list = this.doc.struct('L');
    this.doc.addStructure(list);
    for (const lines of items) {
      const item = this.doc.struct('LI');
      list.add(item);
      const body = this.doc.struct('LBody');
      item.add(body);
      this.doc.markContent('Artifact');
      const y = this.doc.y + 6;
      if (y < this.doc.page.height - margin - 14) {
        const x = this.base === 'rtl' ? this.doc.page.width - margin - 4 : margin + 4;
        this.doc.circle(x, y + 4, 2).fill('#2a7f86');
      }
      this.doc.endMarkedContent();
      for (const { text, style } of lines) body.add(this.#element('P', text, style, 16));
      body.end();
      item.end();
    }
    list.end();
  }

  end(footer: (page: number, pages: number) => string): void {
    const { doc } = this;
    const { start, count } = doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      doc.switchToPage(start + page);
      // A footer stands below the margin: no new page for it.
      doc.page.margins.bottom = 0;
      doc.markContent('Artifact', { type: 'Pagination' });
      const style = styles.quiet;
      const text = footer(page + 1, count);
      const [line] = linesOf(text, this.base, this.#room, (run) => this.#width(run, style));
      const { width, height } = doc.page;
      this.#show(line?.runs ?? [], style, height - margin + 18, (whole) => (width - whole) / 2);
      doc.endMarkedContent();
    }
    doc.end();
  }
}

/**
 * Begins a document.
 * @param about.title for the window of a reader: no name, no diagnosis
 * @param about.made instant it says it was made at
 */
export function beginSheet(about: {
  language: string;
  direction: Direction;
  title: string;
  made: Date;
}): { sheet: Sheet; stream: NodeJS.ReadableStream } {
  const doc = new PDFDocument({
    size: 'A4',
    margin,
    lang: about.language,
    tagged: true,
    displayTitle: true,
    pdfVersion: '1.7',
    bufferPages: true,
    // The standard font of the library is not embedded: none before ours.
    font: null as unknown as string,
    info: { Title: about.title, Producer: 'Afar', Creator: 'Afar', CreationDate: about.made },
  });
  return { sheet: new Pages(doc, about.direction), stream: doc };
}
