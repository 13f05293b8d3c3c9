/** One setting's text becomes its value, or a fault that names it. */
import type { Setting, settings } from './settings.ts';

type ValueOf<S> = S extends { type: 'integer' }
  ? number
  : S extends { type: 'flag' }
    ? boolean
    : S extends { type: 'list' }
      ? string[]
      : S extends { type: 'choice' }
        ? string
        : string | undefined;

export type Values = { [Name in keyof typeof settings]: ValueOf<(typeof settings)[Name]> };

/** Reads one; a fault is added to `faults` and the default returned. A secret's text is never repeated. */
export function parseSetting(
  name: string,
  setting: Setting,
  given: string | undefined,
  faults: string[],
): string | number | boolean | string[] | undefined {
  const text = given?.trim() ?? '';
  if (text === '') return setting.default;
  const fault = (why: string) => {
    faults.push(setting.secret ? `${name} ${why}` : `${name} ${why}; it is "${text}"`);
    return setting.default;
  };
  switch (setting.type) {
    case 'integer': {
      const value = /^\d+$/.test(text) ? Number(text) : NaN;
      return value >= setting.min && value <= setting.max
        ? value
        : fault(`must be a whole number from ${setting.min} to ${setting.max}`);
    }
    case 'flag':
      if (/^(true|1|yes|on)$/i.test(text)) return true;
      if (/^(false|0|no|off)$/i.test(text)) return false;
      return fault('must be true or false');
    case 'choice':
      return setting.choices.includes(text)
        ? text
        : fault(`must be ${setting.choices.join(' or ')}`);
    case 'list': {
      const { choices } = setting;
      const items = text
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean);
      return choices && items.some((one) => !choices.includes(one))
        ? fault(`must be a list of ${choices.join(', ')}`)
        : items;
    }
    case 'url': {
      // A socket URL has no host: `postgres://user:password@/name?host=/folder`.
      const parsed = URL.parse(text.replace('@/', '@socket/'));
      return parsed && setting.schemes.includes(parsed.protocol.slice(0, -1))
        ? text
        : fault(`must be a ${setting.schemes.join(' or ')} URL`);
    }
    case 'path':
    case 'text':
      return text;
  }
}
