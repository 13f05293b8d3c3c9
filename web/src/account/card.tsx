/** One part of the account: what it is, what one can do, and what stands under it. */
import { type ReactNode, useId } from 'react';
import classes from './account.module.css';

interface Props {
  title: string;
  lead: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Card({ title, lead, actions, children }: Props) {
  const id = useId();
  return (
    <section className={classes.card} aria-labelledby={id}>
      <div className={classes.head}>
        <div className={classes.words}>
          <h2 id={id} className={classes.title}>
            {title}
          </h2>
          <p className={classes.lead}>{lead}</p>
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}
