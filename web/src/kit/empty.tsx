/** Nothing here yet: said in one sentence, with the way on. */
import type { ReactNode } from 'react';
import classes from './notice.module.css';

export function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <svg viewBox="0 0 160 56" className={classes.drawing} aria-hidden="true">
        <circle cx="80" cy="30" r="11" className={classes.drawingSun} />
        <path d="M4 46c34-14 54-14 76-8s44 6 76-6" className={classes.drawingLine} />
        <path d="M24 54c30-8 62-10 112-2" className={classes.drawingLine} opacity=".5" />
      </svg>
      <p className={classes.emptyText}>{text}</p>
      {children}
    </div>
  );
}
