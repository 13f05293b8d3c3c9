/** The board everybody draws on: opened by one, seen by all, each stroke told sealed as it grows. */
import type { VisitLink } from '../../link.ts';
import { Desk, packed, unpacked } from '../desk.ts';
import {
  cleared,
  readPiece,
  readSurface,
  span,
  type Stroke,
  type Surface,
  type Tool,
  without,
  withPiece,
} from './strokes.ts';

export interface BoardState {
  open: boolean;
  surface: Surface;
  tool: Tool;
  strokes: readonly Stroke[];
  /** Where the keyboard points; `down`: it draws. */
  cursor?: { x: number; y: number; down: boolean };
}

/** A stroke under way is told this often: smooth to look at, far from the limit of messages, ms. */
const tellEvery = 80;
/** Numbers in one message: 4 KiB at most. */
const numbersAMessage = 600;

export class BoardDesk extends Desk<BoardState> {
  readonly #link: VisitLink;
  #drawing: { id: string; told: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #live = false;

  constructor(link: VisitLink) {
    super({ open: false, surface: { kind: 'blank' }, tool: 'pen', strokes: [] });
    this.#link = link;
  }

  start(): () => void {
    const ends = [
      this.#link.onSealed('stroke', (from, bytes) => this.#heard(from, bytes)),
      this.#link.subscribe(() => {
        const live = this.#link.state.phase === 'live';
        // Whoever comes, or comes back, asks what stands on the board.
        if (live && !this.#live) this.#say({ t: 'ask' });
        this.#live = live;
      }),
    ];
    return () => {
      clearTimeout(this.#timer);
      for (const end of ends) end();
    };
  }

  get own(): string {
    return this.#link.state.own?.peer ?? '';
  }

  /** Opens the board for everybody: on a screen that is being shared, else blank. */
  begin(): void {
    const { own, people } = this.#link.state;
    const sharer = own?.media.screen ? own.peer : people.find(({ screen }) => screen)?.peer;
    this.on(sharer ? { kind: 'screen', peer: sharer } : { kind: 'blank' });
  }

  /** Changes what is drawn on: other lines lie on another picture, so the board is empty again. */
  on(surface: Surface): void {
    this.set({ open: true, surface, strokes: [] });
    this.#say({ t: 'open', ...surface });
  }

  /** The clinician closes it for everybody, anybody else for herself. */
  close(): void {
    this.set({ open: false, cursor: undefined });
    if (this.#directs(undefined)) {
      this.set({ strokes: [] });
      this.#say({ t: 'close' });
    }
  }

  use(tool: Tool): void {
    this.set({ tool });
  }

  undo(): void {
    const last = this.state.strokes.findLast(({ from }) => from === this.own);
    if (!last) return;
    this.set({ strokes: without(this.state.strokes, this.own, last.id) });
    this.#say({ t: 'undo', id: last.id });
  }

  clear(everybodys: boolean): void {
    this.set({ strokes: cleared(this.state.strokes, this.own, everybodys) });
    this.#say({ t: 'clear', all: everybodys });
  }

  /** A stroke begins at a place of the surface, 0 to 1 on both sides. */
  down(x: number, y: number): void {
    this.#drawing = { id: crypto.randomUUID(), told: 0 };
    this.#put([place(x), place(y)], 0);
    this.#tellSoon();
  }

  move(x: number, y: number): void {
    const stroke = this.#current();
    if (!stroke) return;
    const point = [place(x), place(y)];
    if (stroke.tool === 'arrow') this.#put(point, 2);
    else if (point.join() !== stroke.points.slice(-2).join())
      this.#put(point, stroke.points.length);
    this.#tellSoon();
  }

  up(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tell();
    this.#drawing = undefined;
  }

  /** The keyboard's point moves by parts of the surface; while it is down it draws. */
  point(dx: number, dy: number): void {
    const { x, y, down } = this.state.cursor ?? { x: 0.5, y: 0.5, down: false };
    const next = { x: inside(x + dx), y: inside(y + dy), down };
    this.set({ cursor: next });
    if (down) this.move(next.x, next.y);
  }

  /** Puts the keyboard's pen down, or lifts it. */
  press(): void {
    const { x, y, down } = this.state.cursor ?? { x: 0.5, y: 0.5, down: false };
    if (down) this.up();
    else this.down(x, y);
    this.set({ cursor: { x, y, down: !down } });
  }

  unpoint(): void {
    if (this.state.cursor?.down) this.up();
    this.set({ cursor: undefined });
  }

  #current(): Stroke | undefined {
    const id = this.#drawing?.id;
    return id === undefined
      ? undefined
      : this.state.strokes.find((one) => one.id === id && one.from === this.own);
  }

  #put(points: number[], at: number): void {
    const { id } = this.#drawing!;
    const { strokes, tool } = this.state;
    this.set({ strokes: withPiece(strokes, this.own, { id, tool, at, points }) });
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, tellEvery);
  }

  #tell(): void {
    const stroke = this.#current();
    if (!stroke || !this.#drawing) return;
    // An arrow's end moves: it is told whole.
    const from = stroke.tool === 'arrow' ? 0 : this.#drawing.told;
    this.#pieces(stroke, from, 'all');
    this.#drawing.told = stroke.points.length;
  }

  #pieces({ id, tool, points }: Stroke, from: number, to: string): void {
    for (let at = from; at < points.length; at += numbersAMessage)
      this.#say({ t: 'add', id, tool, at, p: points.slice(at, at + numbersAMessage) }, to);
  }

  #say(said: Record<string, unknown>, to = 'all'): void {
    const { own, people } = this.#link.state;
    if (!own || own.hidden || !people.some(({ seated }) => seated)) return;
    void this.#link.sendSealed('stroke', packed(said), to);
  }

  /** Whether a peer (undefined: oneself) is the visit's clinician. */
  #directs(peer: string | undefined): boolean {
    const { own, people } = this.#link.state;
    const who = peer === undefined ? own : people.find((one) => one.peer === peer);
    return who?.role === 'clinician';
  }

  #heard(from: string, bytes: Uint8Array): void {
    const said = unpacked(bytes);
    const { open, strokes } = this.state;
    switch (said?.['t']) {
      case 'open': {
        const surface = readSurface(said);
        const same = open && JSON.stringify(surface) === JSON.stringify(this.state.surface);
        if (surface && !same) this.set({ open: true, surface, strokes: [] });
        return;
      }
      case 'close':
        if (this.#directs(from)) this.set({ open: false, strokes: [] });
        return;
      case 'add': {
        const piece = readPiece(said);
        if (piece && open) this.set({ strokes: withPiece(strokes, from, piece) });
        return;
      }
      case 'undo':
        this.set({ strokes: without(strokes, from, String(said['id'])) });
        return;
      case 'clear':
        this.set({ strokes: cleared(strokes, from, said['all'] === true && this.#directs(from)) });
        return;
      case 'ask':
        if (!open) return;
        this.#say({ t: 'open', ...this.state.surface }, from);
        for (const stroke of strokes) if (stroke.from === this.own) this.#pieces(stroke, 0, from);
        return;
      default:
    }
  }
}

const inside = (part: number): number => Math.min(1, Math.max(0, part));
const place = (part: number): number => Math.round(inside(part) * span);
