/** The kinds of release that are read; each reader is loaded when it is asked for, so that a server's start pays for none. */
import type { Loader } from './load.ts';

export const loaders: Readonly<Record<string, Loader>> = {
  loinc: { open: async (...given) => (await import('./loinc.ts')).openLoinc(...given) },
  snomed: { open: async (...given) => (await import('./snomed.ts')).openSnomed(...given) },
  rxnorm: { open: async (...given) => (await import('./rxnorm.ts')).openRxNorm(...given) },
  icd10cm: { open: async (...given) => (await import('./icd10.ts')).icd10cm.open(...given) },
  icd10pcs: { open: async (...given) => (await import('./icd10.ts')).icd10pcs.open(...given) },
  claml: { open: async (...given) => (await import('./claml.ts')).openClaml(...given) },
  csv: { open: async (...given) => (await import('./table.ts')).openCsv(...given) },
  resource: { open: async (...given) => (await import('./table.ts')).openResource(...given) },
};
