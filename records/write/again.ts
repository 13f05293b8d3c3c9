/** Runs an operation again when somebody was faster: reading and deciding are part of what is repeated. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mayRunAgain, refusalOf, StaleWrite } from './errors.ts';

/** Six tries: with 16 connections at one resource the last of them wins within these. */
const tries = 6;

/** @throws Refusal `conflict` when rivals were faster every time, `not-found` when what is in the way is hidden */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!mayRunAgain(error)) throw error;
      if (attempt === tries) {
        if (error instanceof StaleWrite) throw refusalOf(error);
        throw error;
      }
      // 2-4 ms, doubling: rivals of one row part ways.
      await sleep(2 ** attempt * (1 + Math.random()));
    }
  }
}
