/** Numbers and quantities of an element as ranges, both ends inclusive. */
import type { IndexedNumber, IndexedQuantity } from './indexed.ts';
import type { Found } from './path-program.ts';

type Range = Omit<IndexedNumber, 'param'>;
type Quantity = Omit<IndexedQuantity, 'param'>;

interface QuantityElement {
  value?: number;
  comparator?: string;
  system?: string;
  code?: string;
  unit?: string;
}

function unitOf({ system, code, unit }: QuantityElement): Omit<Quantity, keyof Range> {
  return {
    ...(system === undefined ? {} : { system }),
    ...(code === undefined ? {} : { code }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function simple(quantity: QuantityElement): Quantity | undefined {
  const { value, comparator } = quantity;
  if (value === undefined) return undefined;
  return {
    low: comparator?.startsWith('<') ? -Infinity : value,
    high: comparator?.startsWith('>') ? Infinity : value,
    ...unitOf(quantity),
  };
}

function range({
  low,
  high,
}: {
  low?: QuantityElement;
  high?: QuantityElement;
}): Quantity | undefined {
  if (low?.value === undefined && high?.value === undefined) return undefined;
  return {
    low: low?.value ?? -Infinity,
    high: high?.value ?? Infinity,
    ...unitOf(low ?? high ?? {}),
  };
}

/** From the least sample to the greatest; `E`, `L`, `U` (error, below, above) are left out. */
function sampled(value: {
  origin?: QuantityElement;
  factor?: number;
  data?: string;
}): Quantity | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const word of (value.data ?? '').split(' ')) {
    const sample =
      word === '' ? NaN : Number(word) * (value.factor ?? 1) + (value.origin?.value ?? 0);
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  return low > high ? undefined : { low, high, ...unitOf(value.origin ?? {}) };
}

export function quantityOf({ type, value }: Found): Quantity | undefined {
  if (type === 'Range') return range(value as never);
  if (type === 'SampledData') return sampled(value as never);
  if (type !== 'Money') return simple(value as QuantityElement);
  const { value: amount, currency } = value as { value?: number; currency?: string };
  // [ISO 4217] as a system name: `urn:iso:std:iso:4217`.
  const unit = currency === undefined ? {} : { system: 'urn:iso:std:iso:4217', code: currency };
  return amount === undefined ? undefined : { low: amount, high: amount, ...unit };
}

export function numberOf({ type, value }: Found): Range | undefined {
  if (typeof value === 'number') return { low: value, high: value };
  const found = type === 'Range' ? range(value as never) : undefined;
  return found && { low: found.low, high: found.high };
}
