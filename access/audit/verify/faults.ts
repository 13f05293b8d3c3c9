/** What a look through the trail can find wrong, and where. */

export type FaultKind =
  /** A column is not what was chained; `moved`: its instant or id. */
  | 'changed'
  | 'moved'
  | 'missing'
  /** In the table, in no link. */
  | 'unchained'
  | 'broken link'
  | 'reordered'
  | 'missing link'
  /** A signed head outside the database that the database no longer has. */
  | 'checkpoint'
  /** A line of a checkpoint file: not ours, or one before it is gone. */
  | 'checkpoint file'
  /** The record store holds neither this version of the resource nor a later one that replaced it. */
  | 'rolled back'
  /** A month said to be dropped without the signature of this installation. */
  | 'dropped';

export interface AuditFault {
  /** When the bad entry says it happened, ms since epoch. */
  at: number;
  why: FaultKind;
  event?: string;
  chain?: string;
  n?: number;
  /** `Type/id`, where the fault is in the record store. */
  resource?: string;
  /** File and line. */
  where?: string;
}

export interface AuditReport {
  events: number;
  links: number;
  chains: number;
  /** Events of months that lie in sealed files and were dropped. */
  dropped?: number;
  /** Versions sealed anew by a rotation of keys since: their own seal holds them, their hash in the trail no longer can. */
  resealed?: number;
  /** The earliest fault; absent: the trail is whole. */
  fault?: AuditFault;
  /** All of them in the order of their instants, `mostFaults` at most. */
  faults?: AuditFault[];
  /** How many more there are. */
  more?: number;
}

export const mostFaults = 1_000;

/** Gathers faults; the first `mostFaults` by name, the rest by number. */
export function faultList(onFault?: (fault: AuditFault) => void) {
  const found: AuditFault[] = [];
  let more = 0;
  return {
    add(fault: AuditFault): void {
      if (found.length < mostFaults) found.push(fault);
      else more++;
      onFault?.(fault);
    },
    /** Takes out those that turned out otherwise. */
    replace(of: (fault: AuditFault) => AuditFault): void {
      found.forEach((fault, at) => {
        found[at] = of(fault);
      });
    },
    all: (): readonly AuditFault[] => found,
    into(report: AuditReport): AuditReport {
      if (found.length === 0) return report;
      const faults = found.toSorted((a, b) => a.at - b.at);
      return { ...report, fault: faults[0]!, faults, ...(more > 0 && { more }) };
    },
  };
}
