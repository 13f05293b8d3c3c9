/** The place beside the call where one panel is open: named, closed by Escape, never in the way of the call's own buttons. */
import { CloseButton } from '@mantine/core';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './panels.module.css';

interface Props {
  title: string;
  testid: string;
  /** Its inside scrolls by itself. */
  filled?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The menu that opened it gives the focus back to its button first, ms. */
const afterMenu = 80;

export function PanelFrame({ title, testid, filled = false, onClose, children }: Props) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    const timer = setTimeout(() => heading.current?.focus(), afterMenu);
    return () => clearTimeout(timer);
  }, [testid]);
  return (
    <section
      className={classes.panel}
      aria-labelledby={id}
      data-testid={testid}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <div className={classes.head}>
        <h2 id={id} ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </h2>
        <CloseButton
          size="lg"
          aria-label={t('close')}
          onClick={onClose}
          data-testid="close-panel"
        />
      </div>
      <div className={classes.body} data-filled={filled || undefined}>
        {children}
      </div>
    </section>
  );
}
