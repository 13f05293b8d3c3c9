/** Puts strokes on a canvas: whose they are shows in colour, in the pattern of the line and in the shape at its beginning. */
import { span, type Stroke } from './strokes.ts';

export interface Mark {
  colour: string;
  /** Parts of the line's width: drawn, left out, ... */
  dash: readonly number[];
  shape: 'circle' | 'square' | 'triangle' | 'diamond';
}

/** Each to be told from the others without colour too; all of them on white as on a dark picture, for each is drawn with a light edge. */
const marks: readonly Mark[] = [
  { colour: '#0b6b75', dash: [], shape: 'circle' },
  { colour: '#b3261e', dash: [4, 2], shape: 'square' },
  { colour: '#6a3fb5', dash: [1, 2], shape: 'triangle' },
  { colour: '#8a5300', dash: [6, 2, 1, 2], shape: 'diamond' },
];

/** The same for everybody: by the order of peers. */
export const markOf = (peer: string, everybody: readonly string[]): Mark =>
  marks[Math.max(0, everybody.toSorted().indexOf(peer)) % marks.length]!;

type Pen = CanvasRenderingContext2D;

function shape(pen: Pen, kind: Mark['shape'], x: number, y: number, size: number): void {
  const corners = { square: 4, diamond: 4, triangle: 3 };
  pen.beginPath();
  if (kind === 'circle') pen.arc(x, y, size, 0, Math.PI * 2);
  else {
    const turn = kind === 'square' ? Math.PI / 4 : -Math.PI / 2;
    for (let at = 0; at < corners[kind]; at++) {
      const angle = turn + (at * 2 * Math.PI) / corners[kind];
      pen.lineTo(x + Math.cos(angle) * size * 1.25, y + Math.sin(angle) * size * 1.25);
    }
    pen.closePath();
  }
}

function path(pen: Pen, { points, tool }: Stroke, width: number, height: number): void {
  const at = (index: number): [number, number] => [
    (points[index]! / span) * width,
    (points[index + 1]! / span) * height,
  ];
  pen.beginPath();
  pen.moveTo(...at(0));
  for (let index = 2; index < points.length; index += 2) pen.lineTo(...at(index));
  if (points.length === 2) pen.lineTo(...at(0));
  if (tool !== 'arrow' || points.length < 4) return;
  const [x1, y1] = at(0);
  const [x2, y2] = at(points.length - 2);
  const angle = Math.atan2(y2 - y1, x2 - x1);
  for (const side of [-1, 1]) {
    pen.moveTo(x2, y2);
    pen.lineTo(x2 - 18 * Math.cos(angle + side * 0.5), y2 - 18 * Math.sin(angle + side * 0.5));
  }
}

/** @param width, height of the surface in CSS pixels */
export function drawStrokes(
  pen: Pen,
  strokes: readonly Stroke[],
  everybody: readonly string[],
  width: number,
  height: number,
): void {
  pen.clearRect(0, 0, width, height);
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  const line = Math.max(2.5, Math.min(width, height) / 160);
  for (const stroke of strokes) {
    const mark = markOf(stroke.from, everybody);
    for (const [colour, thick, dash] of [
      ['rgb(255 255 255 / 85%)', line * 2, []],
      [mark.colour, line, mark.dash.map((part) => part * line)],
    ] as const) {
      pen.strokeStyle = colour;
      pen.lineWidth = thick;
      pen.setLineDash([...dash]);
      path(pen, stroke, width, height);
      pen.stroke();
    }
    pen.setLineDash([]);
    const [x, y] = [(stroke.points[0]! / span) * width, (stroke.points[1]! / span) * height];
    shape(pen, mark.shape, x, y, line * 1.6);
    pen.fillStyle = mark.colour;
    pen.strokeStyle = '#fff';
    pen.lineWidth = 1;
    pen.fill();
    pen.stroke();
  }
}

/** Where the keyboard points. */
export function drawCursor(pen: Pen, x: number, y: number, down: boolean): void {
  for (const [colour, width] of [
    ['#fff', 5],
    ['#071113', 2],
  ] as const) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(x - 14, y);
    pen.lineTo(x + 14, y);
    pen.moveTo(x, y - 14);
    pen.lineTo(x, y + 14);
    if (down) pen.arc(x, y, 8, 0, Math.PI * 2);
    pen.stroke();
  }
}
