/** Notices that a device has gone over to another network: from Wi-Fi to the telephone's, out of a tunnel, into a cable. */

interface Connection extends EventTarget {
  /** `wifi`, `cellular`, `none`, ...; only some browsers say [Network Information API]. */
  type?: string;
}

/** Calls back once a network that differs is there; the returned function ends it. */
export function onNetworkChange(changed: () => void): () => void {
  const connection = (navigator as { connection?: Connection }).connection;
  let type = connection?.type;
  // Told of every new estimate of speed as well: only another kind of network counts.
  const moved = (): void => {
    const now = connection?.type;
    if (now === type || now === undefined || now === 'none') return;
    type = now;
    changed();
  };
  connection?.addEventListener('change', moved);
  return () => connection?.removeEventListener('change', moved);
}
