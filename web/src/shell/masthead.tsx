/** The head of a page for somebody who is not signed in: whose page it is, and the language. */
import { Wordmark } from '../kit/logo.tsx';
import classes from './frame.module.css';
import { LanguageSelect } from './preferences.tsx';

export function Masthead() {
  return (
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
  );
}
