/** Connection strings: the same server for another role or another database. */

const shape = /^(postgres(?:ql)?:\/\/)(?:[^@/?]*@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/;

export interface UrlParts {
  user?: string;
  password?: string;
  database?: string;
}

/**
 * The connection string with user, password or database replaced; host, port and options stay.
 * @throws Error when it is not a postgres:// URL (the text is not repeated: it may hold a password)
 */
export function databaseUrl(base: string, parts: UrlParts): string {
  const match = shape.exec(base);
  if (!match) throw new Error('a database URL must look like postgres://user:password@host/name');
  const [, scheme, host, path, query] = match;
  const options = new URLSearchParams(query);
  if (parts.user !== undefined) for (const one of ['user', 'password']) options.delete(one);
  const before = /^[^:]+:\/\/([^@/?]*)@/.exec(base)?.[1] ?? '';
  const login =
    parts.user === undefined
      ? before && `${before}@`
      : `${encodeURIComponent(parts.user)}:${encodeURIComponent(parts.password ?? '')}@`;
  const database = parts.database === undefined ? (path ?? '') : `/${parts.database}`;
  const rest = options.toString();
  return `${scheme}${login}${host}${database}${rest && `?${rest}`}`;
}

/** A URL for a server that listens on a Unix socket in `folder`. */
export function socketUrl(
  folder: string,
  user: string,
  password: string,
  database: string,
): string {
  const options = new URLSearchParams({ host: folder, port: '5432' });
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${database}?${options}`;
}

/** The same server as the house's own role, which has the application's password; undefined when the URL is not the application's. */
export function houseUrl(base: string): string | undefined {
  const login = shape.test(base) ? /^[^:]+:\/\/([^@/?]*)@/.exec(base)?.[1] : undefined;
  const [user, password = ''] = login?.split(':') ?? [];
  return user === 'afar_app'
    ? databaseUrl(base, { user: 'afar_house', password: decodeURIComponent(password) })
    : undefined;
}
