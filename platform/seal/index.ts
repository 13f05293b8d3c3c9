/** Seals: values that only their key opens, and only in the place they were sealed for. */
export { aad, type AadPart } from './aad.ts';
export { DictionaryMissing } from './dictionaries.ts';
export { kidOf, open, seal, SealBroken } from './seal.ts';
export { token } from './token.ts';
