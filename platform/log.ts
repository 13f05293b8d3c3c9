/** The log: one JSON object a line on standard output, identifiers only, with what could hold patient data taken out. */

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
const rank: Record<Level | 'silent', number> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: 100,
};

type Write = (fields: object | string, message?: string) => void;

/** `info` is one line per change of something's life; `debug` is for a developer; `error` wants a person. */
export interface Log {
  info: Write;
  warn: Write;
  error: Write;
  debug: Write;
  child(bindings: object): Log;
}

export interface LogOptions {
  level?: Level | 'silent';
  /** Where lines go; default standard output. */
  write?: (lines: string) => void;
}

/** Fields whose value is never written, wherever they stand. */
const secret =
  /^(authorization|cookie|set-cookie|password|passwd|secret|token|totp|totpsecret|clientsecret|apikey|query|querystring|params|body|values|detail|where|headers|rawheaders|url|email|phone|name|text|req|res|request|reply|raw|socket)$/i;

/** SQLSTATE errors quote row values, JSON errors quote the text: name the fault, not the data. */
function errorFields(error: Error): Record<string, unknown> {
  const { name, code, schema, table, constraint, routine, status } = error as Error &
    Record<string, unknown>;
  const quotesData =
    name === 'SyntaxError' || (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code));
  return {
    type: name,
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    ...(schema !== undefined && { schema }),
    ...(table !== undefined && { table }),
    ...(constraint !== undefined && { constraint }),
    ...(routine !== undefined && { routine }),
    ...(!quotesData && { message: error.message }),
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .map((line) => line.trim()),
    ...(error.cause instanceof Error && { cause: errorFields(error.cause) }),
  };
}

const judged = new Map<string, boolean>();
/** More names than the program itself has: what others made up is judged each time. */
const mostJudged = 500;

/** Every request's line has the same names. */
function isSecret(name: string): boolean {
  let is = judged.get(name);
  if (is === undefined) {
    is = secret.test(name);
    if (judged.size < mostJudged) judged.set(name, is);
  }
  return is;
}

function clean(value: unknown, depth = 0): unknown {
  if (value instanceof Error) return errorFields(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return value;
  if (depth > 4) return '[deep]';
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.slice(0, 50).map((one) => clean(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      isSecret(key) ? '[redacted]' : clean(one, depth + 1),
    ]),
  );
}

/** Everything Fastify asks of a logger, so that one log serves both. */
export interface FullLog extends Log {
  level: string;
  trace: Write;
  fatal: Write;
  silent: Write;
  child(bindings: object, options?: object): FullLog;
  flush(): void;
}

/** Makes the log. Lines of one turn of the event loop are written together; errors at once. */
export function createLog({ level = 'info', write }: LogOptions = {}): FullLog {
  const out = write ?? ((lines: string) => void process.stdout.write(lines));
  const least = rank[level];
  let pending = '';
  const flush = (): void => {
    const lines = pending;
    pending = '';
    if (lines) out(lines);
  };
  const make = (bindings: Record<string, unknown>): FullLog => {
    const at =
      (one: Level): Write =>
      (fields, message) => {
        if (rank[one] < least) return;
        const own =
          typeof fields === 'string'
            ? { msg: fields }
            : fields instanceof Error
              ? { err: errorFields(fields), msg: message }
              : { ...(clean(fields) as object), msg: message };
        const line = { time: new Date().toISOString(), level: one, ...bindings, ...own };
        if (!pending && rank[one] < rank.error) setImmediate(flush);
        pending += JSON.stringify(line) + '\n';
        if (rank[one] >= rank.error) flush();
      };
    return {
      level,
      trace: at('trace'),
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      fatal: at('fatal'),
      silent: () => undefined,
      child: (more) => make({ ...bindings, ...(clean(more) as object) }),
      flush,
    };
  };
  return make({});
}
