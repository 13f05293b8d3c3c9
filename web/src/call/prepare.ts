/** What a call needs beside its page, fetched while somebody waits for it: its words, and the worker that seals what is sent. */
import i18next from 'i18next';
import { useEffect } from 'react';
import frameWorker from './frame-worker.ts?worker&url';

/** On a page from which a call begins. What does not come now is asked for again by the call. */
export function usePreparedCall(): void {
  useEffect(() => {
    void i18next.loadNamespaces(['call', 'group', 'panels', 'quality']).catch(() => undefined);
    void fetch(frameWorker).catch(() => undefined);
  }, []);
}
