/** Puts the room together: operations registered with records, and the port it is given. */
import type { Clock, Db, Log } from '@afar/platform';
import type { Records, Terminology } from '@afar/records';
import type { Context } from './context.ts';
import { createCatalogue } from './loaded/catalogue.ts';
import { expandOperation } from './operations/expand.ts';
import { lookupOperation } from './operations/lookup.ts';
import { subsumesOperation } from './operations/subsumes.ts';
import { translateOperation } from './operations/translate.ts';
import { validateInCodeSystem, validateInValueSet } from './operations/validate-code.ts';
import { terminologyPort } from './port.ts';
import { createSources } from './sources.ts';
import { createStored } from './stored/stored.ts';

export interface TerminologyDeps {
  db: Db;
  records: Records;
  clock: Clock;
  log: Log;
}

export interface TerminologyRoom {
  /** What records was given. */
  readonly port: Terminology;
  stop(): void;
}

/** Reads nothing and asks nothing before the first question. */
export function createTerminology({ db, records, clock }: TerminologyDeps): TerminologyRoom {
  const stored = createStored(records, clock);
  const catalogue = createCatalogue(db, () => clock.now());
  const context: Context = { stored, catalogue, clock, sources: createSources(stored, catalogue) };
  for (const make of [
    expandOperation,
    validateInValueSet,
    validateInCodeSystem,
    lookupOperation,
    subsumesOperation,
    translateOperation,
  ])
    records.operation(make(context));
  const port = terminologyPort(context);
  records.terminology(port);
  return { port, stop: records.onChange((change) => stored.heard(change)) };
}
