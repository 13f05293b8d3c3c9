/** Something that comes about once, told to whoever waits for it. */
export interface Once {
  promise: Promise<void>;
  done: () => void;
}

/** `Promise.withResolvers`, which browsers of 2023 do not have. */
export function once(): Once {
  let done = (): void => undefined;
  const promise = new Promise<void>((resolve) => (done = resolve));
  return { promise, done };
}
