/** The k smallest of many, without sorting the many. */

/** Offers cost O(log k); a broad name query over a hundred thousand entries keeps one page in hand. */
export function topK<T>(
  k: number,
  compare: (a: T, b: T) => number,
): { offer(item: T): void; sorted(): T[] } {
  // A binary heap with the largest kept item at the root.
  const heap: T[] = [];
  const up = (at: number) => {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compare(heap[at]!, heap[parent]!) <= 0) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  };
  const down = (at: number) => {
    for (;;) {
      let largest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && compare(heap[child]!, heap[largest]!) > 0) largest = child;
      }
      if (largest === at) return;
      [heap[at], heap[largest]] = [heap[largest]!, heap[at]!];
      at = largest;
    }
  };
  return {
    offer(item) {
      if (heap.length < k) {
        heap.push(item);
        up(heap.length - 1);
      } else if (k > 0 && compare(item, heap[0]!) < 0) {
        heap[0] = item;
        down(0);
      }
    },
    sorted: () => [...heap].sort(compare),
  };
}
