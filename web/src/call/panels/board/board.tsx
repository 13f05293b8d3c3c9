/** The board over the call: a blank sheet, a shared screen or somebody's picture, and what everybody draws on it. */
import { NativeSelect, UnstyledButton } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowUpRight,
  IconEraser,
  IconPencil,
  IconTrash,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Hint } from '../../../kit/hint.tsx';
import type { CallState } from '../../call-session.ts';
import type { SeatKind } from '../desk.ts';
import classes from './board.module.css';
import type { BoardDesk } from './board-desk.ts';
import { drawCursor, drawStrokes, markOf } from './draw.ts';
import { authorsOf, type Surface } from './strokes.ts';

interface Props {
  desk: BoardDesk;
  state: CallState;
  role: SeatKind;
  variant: 'full' | 'floating';
  nameOf: (peer: string) => string;
}

/** A blank sheet's sides. */
const sheet = 16 / 10;

export function Board({ desk, state, role, variant, nameOf }: Props) {
  const { t } = useTranslation(['panels', 'group']);
  const board = useSyncExternalStore(desk.subscribe, () => desk.state);
  const { strokes, surface, tool } = board;
  const { own, people } = state.link;
  const silent = own?.hidden === true;
  const everybody = [desk.own, ...people.map(({ peer }) => peer)];
  const called = (peer: string): string => (peer === desk.own ? t('group:you') : nameOf(peer));
  const authors = [...authorsOf(strokes)];
  const under = surfaceStream(surface, state, desk.own);
  const choices = surfaces(state, desk.own).map((one) => ({
    value: JSON.stringify(one),
    label:
      one.kind === 'blank'
        ? t('board.blank')
        : t(one.kind === 'screen' ? 'group:screenOf' : 'group:pictureOf', {
            name: called(one.peer),
          }),
  }));
  const tools = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Opened from a menu that is gone: the keyboard goes on here. What another opened takes nobody's focus.
    if (document.activeElement === document.body) tools.current?.querySelector('button')?.focus();
  }, []);
  return (
    <section
      className={classes.board}
      data-variant={variant}
      data-testid="board"
      aria-label={t('board.title')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        desk.close();
        document.querySelector<HTMLElement>('[data-opens="more"]')?.focus();
      }}
    >
      <div className={classes.place}>
        <Sheet
          desk={desk}
          stream={under}
          everybody={everybody}
          silent={silent}
          label={[
            t('board.title'),
            choices.find(({ value }) => value === JSON.stringify(surface))?.label ?? '',
            ...authors.map(([peer, count]) => t('board.drawn', { name: called(peer), count })),
            t('board.keys'),
          ].join('. ')}
        />
      </div>
      <div className={classes.tools} ref={tools} role="toolbar" aria-label={t('board.tools')}>
        {!silent && (
          <>
            <Deed
              icon={IconPencil}
              label={t('board.pen')}
              on={tool === 'pen'}
              act={() => desk.use('pen')}
            />
            <Deed
              icon={IconArrowUpRight}
              label={t('board.arrow')}
              on={tool === 'arrow'}
              act={() => desk.use('arrow')}
            />
            <Deed icon={IconArrowBackUp} label={t('board.undo')} act={() => desk.undo()} />
            <Deed icon={IconEraser} label={t('board.clearMine')} act={() => desk.clear(false)} />
            {role === 'clinician' && (
              <Deed
                icon={IconTrash}
                label={t('board.clearAll')}
                testid="clear-board"
                act={() => desk.clear(true)}
              />
            )}
            <NativeSelect
              className={classes.surface}
              aria-label={t('board.surface')}
              value={JSON.stringify(surface)}
              data={choices}
              onChange={(event) => desk.on(JSON.parse(event.currentTarget.value) as Surface)}
            />
          </>
        )}
        <Deed
          icon={IconX}
          label={t(role === 'clinician' ? 'board.closeAll' : 'board.close')}
          testid="close-board"
          act={() => {
            desk.close();
            document.querySelector<HTMLElement>('[data-opens="more"]')?.focus();
          }}
        />
      </div>
      <ul className={classes.legend} aria-label={t('board.who')} aria-live="polite">
        {authors.map(([peer, count]) => (
          <li key={peer} data-testid="board-author">
            <Sign peer={peer} everybody={everybody} />
            {called(peer)} <span className="afar-hidden">{t('board.count', { count })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Deed(props: {
  icon: TablerIcon;
  label: string;
  on?: boolean;
  testid?: string;
  act: () => void;
}) {
  const { icon: Icon, label, on, testid, act } = props;
  return (
    <Hint label={label}>
      <UnstyledButton
        className={classes.deed}
        aria-label={label}
        aria-pressed={on}
        data-testid={testid}
        onClick={act}
      >
        <Icon size={22} stroke={1.8} aria-hidden="true" />
      </UnstyledButton>
    </Hint>
  );
}

const shapes = {
  circle: <circle cx="8" cy="8" r="6" />,
  square: <rect x="2.5" y="2.5" width="11" height="11" />,
  triangle: <path d="M8 1.5 15 14H1z" />,
  diamond: <path d="M8 .5 15.5 8 8 15.5.5 8z" />,
};

function Sign({ peer, everybody }: { peer: string; everybody: readonly string[] }) {
  const { colour, shape } = markOf(peer, everybody);
  return (
    <svg viewBox="0 0 16 16" className={classes.sign} aria-hidden="true" fill={colour}>
      {shapes[shape]}
    </svg>
  );
}

/** What may be drawn on now. */
function surfaces({ link, screen, camera, cameraOn }: CallState, own: string): Surface[] {
  const list: Surface[] = [{ kind: 'blank' }];
  if (screen) list.push({ kind: 'screen', peer: own });
  for (const { peer, screen: theirs } of link.people)
    if (theirs) list.push({ kind: 'screen', peer });
  for (const { peer, seated, hidden, media } of link.people)
    if (seated && !hidden && media.camera) list.push({ kind: 'camera', peer });
  if (camera && cameraOn) list.push({ kind: 'camera', peer: own });
  return list;
}

function surfaceStream(
  surface: Surface,
  { link, screen, camera }: CallState,
  own: string,
): MediaStreamTrack | undefined {
  if (surface.kind === 'blank') return undefined;
  if (surface.peer === own) return (surface.kind === 'screen' ? screen : camera) ?? undefined;
  const person = link.people.find(({ peer }) => peer === surface.peer);
  // Of somebody who cannot be verified nothing is shown here either.
  if (!person || person.blind) return undefined;
  return (surface.kind === 'screen' ? person.screen : person.stream)?.getVideoTracks()[0];
}

interface SheetProps {
  desk: BoardDesk;
  stream: MediaStreamTrack | undefined;
  everybody: readonly string[];
  silent: boolean;
  label: string;
}

function Sheet({ desk, stream: track, everybody, silent, label }: SheetProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [ratio, setRatio] = useState(sheet);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const { strokes, cursor } = useSyncExternalStore(desk.subscribe, () => desk.state);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  useEffect(() => {
    const element = canvas.current!;
    const watch = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const who = everybody.join();
  useEffect(() => {
    const element = canvas.current!;
    const pen = element.getContext('2d');
    if (!pen || size.width === 0) return;
    element.width = size.width * devicePixelRatio;
    element.height = size.height * devicePixelRatio;
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    drawStrokes(pen, strokes, who.split(','), size.width, size.height);
    if (cursor) drawCursor(pen, cursor.x * size.width, cursor.y * size.height, cursor.down);
  }, [strokes, cursor, size, who]);
  const at = (event: React.PointerEvent): [number, number] => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  const shown = track ? ratio : sheet;
  return (
    <div
      className={classes.sheet}
      data-under={track ? 'picture' : 'blank'}
      style={{ '--ratio': shown } as React.CSSProperties}
    >
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        hidden={!track}
        className={classes.under}
        aria-hidden="true"
        onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
          if (videoWidth > 0) setRatio(videoWidth / videoHeight);
        }}
      />
      <canvas
        ref={canvas}
        className={classes.canvas}
        role="application"
        aria-label={label}
        tabIndex={0}
        data-testid="board-canvas"
        data-strokes={strokes.length}
        onPointerDown={(event) => {
          if (silent || event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          desk.down(...at(event));
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) desk.move(...at(event));
        }}
        onPointerUp={() => desk.up()}
        onPointerCancel={() => desk.up()}
        onBlur={() => desk.unpoint()}
        onKeyDown={(event) => {
          if (silent || event.altKey || event.ctrlKey || event.metaKey) return;
          const step = event.shiftKey ? 0.005 : 0.03;
          const move = keys[event.key];
          if (move) desk.point(move[0] * step, move[1] * step);
          else if (event.key === 'Enter' || event.key === ' ') desk.press();
          else return;
          event.preventDefault();
        }}
      />
    </div>
  );
}

const keys: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
