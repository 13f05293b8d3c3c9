/** The kinds of release that are read. */
import { openClaml } from './claml.ts';
import { icd10cm, icd10pcs } from './icd10.ts';
import type { Loader } from './load.ts';
import { openLoinc } from './loinc.ts';
import { openRxNorm } from './rxnorm.ts';
import { openSnomed } from './snomed.ts';
import { openCsv, openResource } from './table.ts';

export const loaders: Readonly<Record<string, Loader>> = {
  loinc: { open: openLoinc },
  snomed: { open: openSnomed },
  rxnorm: { open: openRxNorm },
  icd10cm,
  icd10pcs,
  claml: { open: openClaml },
  csv: { open: openCsv },
  resource: { open: openResource },
};
