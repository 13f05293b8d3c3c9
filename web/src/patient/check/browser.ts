/** Which browser's words explain how to give a permission back. Pure. */

export type Browser = 'chrome' | 'firefox' | 'safari' | 'ios' | 'android';

export function browserOf(agent: string): Browser {
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios';
  if (/Android/.test(agent)) return 'android';
  if (/Firefox\//.test(agent)) return 'firefox';
  return /Safari\//.test(agent) && !/Chrome\/|Chromium\//.test(agent) ? 'safari' : 'chrome';
}
