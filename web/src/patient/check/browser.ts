/** Which browser's and which system's words explain how to give a permission back. Pure. */

export type Browser =
  | 'chrome'
  | 'edge'
  | 'firefox'
  | 'safari'
  | 'ios'
  | 'iosOther'
  | 'samsung'
  | 'android';

export function browserOf(agent: string): Browser {
  if (/iPhone|iPad|iPod/.test(agent)) return /CriOS|FxiOS|EdgiOS/.test(agent) ? 'iosOther' : 'ios';
  if (/SamsungBrowser\//.test(agent)) return 'samsung';
  // Firefox on Android asks and shows as Chrome does there.
  if (/Android/.test(agent)) return 'android';
  if (/Firefox\//.test(agent)) return 'firefox';
  if (/Edg\//.test(agent)) return 'edge';
  return /Safari\//.test(agent) && !/Chrome\/|Chromium\//.test(agent) ? 'safari' : 'chrome';
}

export type System = 'windows' | 'mac' | 'android' | 'ios' | 'other';

export function systemOf(agent: string): System {
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios';
  if (/Android/.test(agent)) return 'android';
  if (/Windows/.test(agent)) return 'windows';
  return /Macintosh/.test(agent) ? 'mac' : 'other';
}
