/** Tokens of an element by its type [FHIR R4 search.html#token]. */
import type { IndexedToken } from './indexed.ts';
import { codeSet } from './model.ts';
import type { Found } from './path-program.ts';

type Token = Omit<IndexedToken, 'param'>;

interface Coding {
  system?: string;
  code?: string;
  display?: string;
}

function coding({ system, code, display }: Coding): Token[] {
  if (code === undefined && display === undefined && system === undefined) return [];
  return [
    {
      ...(system === undefined ? {} : { system }),
      ...(code === undefined ? {} : { code }),
      ...(display === undefined ? {} : { text: display }),
    },
  ];
}

function codings(list: unknown): Coding[] {
  return Array.isArray(list) ? (list as Coding[]) : [];
}

const byType: Record<string, (value: never) => Token[]> = {
  Coding: coding,
  CodeableConcept: ({ coding: list, text }: { coding?: unknown; text?: string }) => [
    ...codings(list).flatMap(coding),
    ...(text === undefined ? [] : [{ text }]),
  ],
  Identifier({
    system,
    value,
    type,
  }: {
    system?: string;
    value?: string;
    type?: { coding?: unknown; text?: string };
  }) {
    if (value === undefined && system === undefined) return [];
    const kind = codings(type?.coding).flatMap((one) =>
      one.code === undefined
        ? []
        : [{ ...(one.system === undefined ? {} : { system: one.system }), code: one.code }],
    );
    return [
      {
        ...(system === undefined ? {} : { system }),
        ...(value === undefined ? {} : { code: value }),
        ...(type?.text === undefined ? {} : { text: type.text }),
        ...(kind.length ? { kind } : {}),
      },
    ];
  },
  ContactPoint: ({ system, value }: { system?: string; value?: string }) =>
    value === undefined ? [] : [{ ...(system === undefined ? {} : { system }), code: value }],
};

/** The tokens of one found element; a bound code takes the system its value set gives it. */
export function tokensOf({ type, value, set }: Found): Token[] {
  const special = byType[type];
  if (special) return special(value as never);
  if (typeof value !== 'string' && typeof value !== 'boolean') return [];
  const code = String(value);
  const system = set === undefined ? undefined : codeSet(set)?.systemOf(code);
  return [system === undefined ? { code } : { system, code }];
}
