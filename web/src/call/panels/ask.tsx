/** A question inside the call: the keyboard comes to it, not onto an answer, and goes back where it was. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import classes from './panels.module.css';

interface Props {
  title: string;
  testid: string;
  children?: ReactNode;
  deeds: ReactNode;
}

export function Ask({ title, testid, children, deeds }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    // Not onto yes: whoever is typing would say it with the next space.
    frame.current?.focus();
    return () => {
      const lost = document.activeElement === document.body || document.activeElement === null;
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <div
      ref={frame}
      tabIndex={-1}
      role="alertdialog"
      aria-labelledby={id}
      aria-describedby={`${id}-text`}
      className={classes.ask}
      data-testid={testid}
    >
      <p id={id} className={classes.askTitle}>
        {title}
      </p>
      <div id={`${id}-text`} className={classes.askText}>
        {children}
      </div>
      <div className={classes.deeds}>{deeds}</div>
    </div>
  );
}
