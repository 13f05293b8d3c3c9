/** The sky at an hour: the app's picture of time. The sun stands where it stands at that time of day. */
import { type Instant, wallHour } from './time.ts';
import classes from './sky.module.css';

type Phase = 'night' | 'dawn' | 'morning' | 'noon' | 'afternoon' | 'dusk';

/** Which sky hangs over an hour of the wall clock (0 to 24). */
export function phaseOf(hour: number): Phase {
  if (hour < 5.5 || hour >= 21) return 'night';
  if (hour < 8) return 'dawn';
  if (hour < 11) return 'morning';
  if (hour < 15) return 'noon';
  return hour < 18 ? 'afternoon' : 'dusk';
}

/** Sun or moon on its arc, in the drawing's units: 06:00 and 20:00 stand on the horizon. */
export function bodyAt(hour: number): { x: number; y: number } {
  const day = hour >= 5.5 && hour < 21;
  const share = day ? (hour - 5.5) / 15.5 : ((hour + 3) % 24) / 8.5;
  return { x: 40 + share * 320, y: 176 - Math.sin(Math.PI * Math.min(1, share)) * 128 };
}

/** A band of sky with hills; decoration beside the words that say the time. */
export function Sky({ at, zone, tall }: { at: Instant; zone: string; tall?: boolean }) {
  const hour = wallHour(at, zone);
  return <Scene hour={hour} tall={tall ?? false} />;
}

/** The sky of this moment, tall, for the sign-in page. */
export function Horizon({ now }: { now: number }) {
  const local = new Date(now);
  return <Scene hour={local.getHours() + local.getMinutes() / 60} tall deep />;
}

interface SceneProps {
  hour: number;
  /** Higher than wide: only the middle of the drawing shows, and the sun keeps to it. */
  tall: boolean;
  /** Dark hills, for white words on them. */
  deep?: boolean;
}

function Scene({ hour, tall, deep = false }: SceneProps) {
  const phase = phaseOf(hour);
  const body = bodyAt(hour);
  const x = tall ? 200 + (body.x - 200) * 0.4 : body.x;
  // A band shows the lower half only: the arc is flatter there.
  const y = tall ? body.y * 0.8 : 176 - (176 - body.y) * 0.5;
  return (
    <div
      className={classes.sky}
      data-phase={phase}
      data-deep={deep || undefined}
      aria-hidden="true"
    >
      <svg
        viewBox={tall ? '80 0 240 240' : '0 0 400 240'}
        preserveAspectRatio="xMidYMax slice"
        className={classes.drawing}
      >
        <circle cx={x} cy={y} r={tall ? 26 : 34} className={classes.halo} />
        <circle cx={x} cy={y} r={tall ? 11 : 15} className={classes.body} />
        <path className={classes.far} d="M0 182c58-26 96-30 150-12s96 8 150-10 72-16 100-8v90H0z" />
        <path className={classes.mid} d="M0 204c70-20 118-12 172 0s120 4 228-22v60H0z" />
        <path className={classes.near} d="M0 228c90-22 150-18 226-6 62 10 120 2 174-8v30H0z" />
      </svg>
    </div>
  );
}
