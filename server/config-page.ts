/** docs/configuration.md, made from the settings. Run this file to write it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings, type Setting } from './settings.ts';

const kind = (setting: Setting): string => {
  switch (setting.type) {
    case 'integer':
      return `whole number, ${setting.min} to ${setting.max}`;
    case 'choice':
      return setting.choices.map((one) => `\`${one}\``).join(' or ');
    case 'list':
      return setting.choices
        ? `list of ${setting.choices.map((one) => `\`${one}\``).join(', ')}`
        : 'list, separated by commas';
    case 'url':
      return `${setting.schemes[0]} URL`;
    case 'flag':
      return '`true` or `false`';
    case 'path':
    case 'text':
      return setting.type;
  }
};

const defaultOf = ({ defaultText, default: value }: Setting): string => {
  if (defaultText) return defaultText;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  return `\`${String(value)}\``;
};

/** The page's text. */
export function configurationPage(): string {
  const entries = Object.entries(settings).map(([name, setting]: [string, Setting]) =>
    [
      `## ${name}`,
      '',
      setting.description,
      '',
      `- Type: ${kind(setting)}`,
      `- Default: ${defaultOf(setting)}`,
      ...(setting.secret ? ['- Secret: never shown or logged'] : []),
    ].join('\n'),
  );
  return [
    '# Configuration',
    '',
    'Made from `server/settings.ts` by `node server/config-page.ts`; a test fails when the two differ.',
    '',
    'Afar needs no configuration to try. Every setting is an environment variable; on the command line it is its name in lower case',
    'without `AFAR_`: `npm start -- --port=8081 --tls`. All faults of a configuration are told at once, and the server does not start',
    'with any.',
    '',
    ...entries.flatMap((entry) => [entry, '']),
  ].join('\n');
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'configuration.md'), configurationPage());
