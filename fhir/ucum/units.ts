/** Values of one UCUM unit told in another [UCUM 2.1]; the table of units is loaded when first asked for. */

/** Conversions, once the table is in memory. */
export interface Units {
  /**
   * The range in another unit, ends in order; undefined when the units measure different things or are none.
   * Rounded to twelve digits: 60,500 g are 60.5 kg, not 60.49999999.
   */
  convert(range: Range, from: string, to: string): Range | undefined;
}

/** Ends may be infinite. */
export interface Range {
  low: number;
  high: number;
}

export const ucumSystem = 'http://unitsofmeasure.org';

type Way = ((value: number) => number) | undefined;

/** Of each pair of units: a clinic uses some dozens. */
const mostWays = 2_000;

/** Longer than any unit in use (`10*3/uL`, `mL/min/{1.73_m2}`); the parser's time grows with length. */
const longestUnit = 64;

/** Of a unit expression: more operators than that is no unit of medicine. */
const mostOperators = 10;

let loaded: Promise<Units> | undefined;

/** Loads the table once: 30 ms and 4 MB, on no path but that of a search by quantity. */
export function loadUnits(): Promise<Units> {
  return (loaded ??= load());
}

async function load(): Promise<Units> {
  const { UcumLhcUtils } = (await import('@lhncbc/ucum-lhc')).default;
  const table = UcumLhcUtils.getInstance();
  const ways = new Map<string, Way>();

  function find(from: string, to: string): Way {
    if (!plausible(from) || !plausible(to)) return undefined;
    const one = table.convertUnitTo(from, 1, to);
    if (one.status !== 'succeeded' || !one.fromUnit || !one.toUnit) return undefined;
    const { fromUnit, toUnit } = one;
    if (!fromUnit.isSpecial_ && !toUnit.isSpecial_) {
      return (value) => rounded((value * fromUnit.magnitude_) / toUnit.magnitude_);
    }
    return (value) => rounded(table.convertUnitTo(from, value, to).toVal ?? NaN);
  }

  function wayOf(from: string, to: string): Way {
    const key = `${from}\n${to}`;
    if (ways.has(key)) return ways.get(key);
    if (ways.size >= mostWays) ways.clear();
    const way = find(from, to);
    ways.set(key, way);
    return way;
  }

  return {
    convert(range, from, to) {
      if (from === to) return range;
      const way = wayOf(from, to);
      if (!way) return undefined;
      const ends = [toOther(range.low, way), toOther(range.high, way)];
      if (ends.some((end) => Number.isNaN(end))) return undefined;
      return { low: Math.min(...ends), high: Math.max(...ends) };
    },
  };
}

function plausible(unit: string): boolean {
  return (
    unit.length <= longestUnit &&
    /^[!-~]+$/.test(unit) &&
    (unit.match(/[./(]/g)?.length ?? 0) <= mostOperators
  );
}

/** An open end stays open, at the other side where more of one is less of the other (acidity). */
function toOther(end: number, way: (value: number) => number): number {
  if (Number.isFinite(end)) return way(end);
  return way(2) < way(1) ? -end : end;
}

function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
