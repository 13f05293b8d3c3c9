/** The dozen: everyone in the demo clinic. */
import type { Story } from './story.ts';
import { bjorn } from './bjorn.ts';
import { fatima } from './fatima.ts';
import { giorgos } from './giorgos.ts';
import { huong } from './huong.ts';
import { inigo } from './inigo.ts';
import { kwabena } from './kwabena.ts';
import { lex } from './lex.ts';
import { priyanka } from './priyanka.ts';
import { siobhan } from './siobhan.ts';
import { tomas } from './tomas.ts';
import { wilhelmina } from './wilhelmina.ts';
import { zoe } from './zoe.ts';

export const stories: readonly Story[] = [
  siobhan,
  huong,
  inigo,
  priyanka,
  fatima,
  giorgos,
  bjorn,
  wilhelmina,
  lex,
  tomas,
  zoe,
  kwabena,
];
