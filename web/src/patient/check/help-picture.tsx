/** Small pictures beside the words of a remedy: where to look, drawn so plainly that they need no language. */
import type { ReactNode } from 'react';
import type { MediaFault } from '../../call/local-media.ts';
import { type Browser, browserOf } from './browser.ts';
import classes from './check.module.css';

type Scene =
  | 'start'
  | 'lock'
  | 'crossed'
  | 'menu'
  | 'page'
  | 'switches'
  | 'question'
  | 'plug'
  | 'busy';

const bars: Record<Browser, Scene> = {
  chrome: 'start',
  android: 'start',
  edge: 'lock',
  samsung: 'lock',
  firefox: 'crossed',
  safari: 'menu',
  ios: 'page',
  iosOther: 'switches',
};

function sceneOf(fault: MediaFault): Scene | undefined {
  if (fault === 'denied') return bars[browserOf(navigator.userAgent)];
  if (fault === 'system') return 'switches';
  if (fault === 'dismissed') return 'question';
  if (fault === 'missing' || fault === 'unfit' || fault === 'failed') return 'plug';
  return fault === 'busy' ? 'busy' : undefined;
}

/** An address bar with the spot to press. */
function Bar({ children, at = 18 }: { children: ReactNode; at?: number }) {
  return (
    <>
      <rect className={classes.paper} x="2" y="18" width="156" height="64" rx="8" />
      <rect className={classes.line} x="8" y="24" width="144" height="18" rx="9" />
      <path className={classes.ink} d="M40 33h64" strokeDasharray="12 5" />
      <circle className={classes.spot} cx={at} cy="33" r="13" />
      <g transform={`translate(${at - 7} 26)`}>{children}</g>
      <path className={classes.arrow} d={`M${at} 66v-14m-5 5 5-5 5 5`} />
    </>
  );
}

const camera = <path className={classes.ink} d="M1 4h8v7H1zM9 6l4-2v7l-4-2" />;

const scenes: Record<Scene, ReactNode> = {
  start: (
    <Bar>
      <path className={classes.ink} d="M1 4h7m4 0h1M1 10h1m4 0h7" />
      <circle className={classes.ink} cx="10" cy="4" r="1.8" />
      <circle className={classes.ink} cx="4" cy="10" r="1.8" />
    </Bar>
  ),
  lock: (
    <Bar>
      <path className={classes.ink} d="M3 7h8v6H3zM5 7V4.5a2 2 0 0 1 4 0V7" />
    </Bar>
  ),
  crossed: (
    <Bar>
      {camera}
      <path className={classes.stop} d="M1 13 13 1" />
    </Bar>
  ),
  page: (
    <Bar>
      <path className={classes.ink} d="M2 2h10v7H2zM4 12h6" />
    </Bar>
  ),
  menu: (
    <>
      <rect className={classes.paper} x="2" y="10" width="156" height="76" rx="8" />
      <path className={classes.ink} d="M12 20h20M40 20h16M64 20h16" />
      <circle className={classes.spot} cx="22" cy="20" r="13" />
      <rect className={classes.line} x="10" y="30" width="84" height="48" rx="5" />
      <path className={classes.ink} d="M18 42h40M18 66h44" />
      <path className={classes.arrow} d="M18 54h60" />
    </>
  ),
  switches: (
    <>
      <rect className={classes.paper} x="44" y="2" width="72" height="92" rx="10" />
      {[26, 54].map((y) => (
        <g key={y}>
          <path className={classes.ink} d={`M54 ${y}h24`} />
          <rect className={classes.on} x="86" y={y - 7} width="22" height="14" rx="7" />
          <circle className={classes.knob} cx="101" cy={y} r="5" />
        </g>
      ))}
      <path className={classes.ink} d="M54 78h34" />
    </>
  ),
  question: (
    <>
      <rect className={classes.paper} x="14" y="12" width="132" height="70" rx="9" />
      <g transform="translate(26 22)">{camera}</g>
      <path className={classes.ink} d="M48 29h70M48 38h44" />
      <rect className={classes.line} x="26" y="56" width="44" height="16" rx="8" />
      <rect className={classes.on} x="80" y="56" width="54" height="16" rx="8" />
      <path className={classes.knobLine} d="m101 64 4 4 8-8" />
    </>
  ),
  plug: (
    <>
      <rect className={classes.paper} x="92" y="20" width="58" height="52" rx="8" />
      <rect className={classes.line} x="84" y="38" width="10" height="16" rx="2" />
      <path className={classes.ink} d="M12 46h34M46 38h18v16H46zM64 42h8M64 50h8" />
      <path className={classes.arrow} d="M34 66h34m-6-5 6 5-6 5" />
    </>
  ),
  busy: (
    <>
      <rect className={classes.paper} x="6" y="26" width="84" height="56" rx="7" />
      <rect className={classes.paper} x="66" y="10" width="86" height="56" rx="7" />
      <g transform="translate(100 34) scale(1.5)">{camera}</g>
      <path className={classes.stop} d="m138 16 8 8m0-8-8 8" />
    </>
  ),
};

/** Nothing when words say it all. Decoration only: the words beside it say the same. */
export function HelpPicture({ fault }: { fault: MediaFault }) {
  const scene = sceneOf(fault);
  if (!scene) return null;
  return (
    <svg viewBox="0 0 160 96" className={classes.helpPicture} aria-hidden="true" data-scene={scene}>
      {scenes[scene]}
    </svg>
  );
}
