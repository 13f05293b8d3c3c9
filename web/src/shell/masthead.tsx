/** The head of a page for somebody who is not signed in: whose page it is, and the language. */
import { useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Wordmark } from '../kit/logo.tsx';
import classes from './frame.module.css';
import { LanguageSelect } from './preferences.tsx';

/** Pages with a picture and a head of their own. */
const own = ['/sign-in', '/register'];

export function Masthead({ children }: { children: ReactNode }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (own.includes(path)) return children;
  return (
    <div className={classes.frame}>
      <header className={classes.header}>
        <div className={classes.bar}>
          <a href="/" className={classes.brand} aria-label="Afar">
            <Wordmark />
          </a>
          <div className={classes.tools}>
            <LanguageSelect />
          </div>
        </div>
      </header>
      {children}
    </div>
  );
}
