/** What we use of the UCUM library, which brings no types of its own. */
declare module '@lhncbc/ucum-lhc' {
  interface Unit {
    magnitude_: number;
    /** Temperatures, logarithms: not a mere factor. */
    isSpecial_: boolean;
  }
  interface Conversion {
    status: 'succeeded' | 'failed' | 'error';
    toVal: number | null;
    fromUnit?: Unit | null;
    toUnit?: Unit | null;
  }
  interface UcumLhcUtils {
    convertUnitTo(from: string, value: number, to: string): Conversion;
    validateUnitString(unit: string): {
      status: 'valid' | 'invalid' | 'error';
      ucumCode: string | null;
      unit?: { name: string };
    };
  }
  const library: { UcumLhcUtils: { getInstance(): UcumLhcUtils } };
  export default library;
  export const UcumLhcUtils: { getInstance(): UcumLhcUtils };
}
