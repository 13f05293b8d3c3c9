/** The process a PKCS#11 module runs in: a vendor's library that crashes or hangs takes nothing else with it. */
import type { Request, Reply } from './pkcs11.ts';
import type { Token } from './pkcs11-module.ts';

let token: Token | undefined;

async function answer(request: Request): Promise<string | undefined> {
  if (request.call === 'open') {
    const { openToken } = await import('./pkcs11-module.ts');
    token = openToken(request.module, request.token, request.pin, request.key);
    return undefined;
  }
  if (!token) throw new Error('PKCS#11: no token is open');
  switch (request.call) {
    case 'wrap': {
      const { version, wrapped } = token.wrap(Buffer.from(request.data, 'base64'), request.context);
      return JSON.stringify({ version, wrapped: wrapped.toString('base64') });
    }
    case 'unwrap': {
      const wrapped = Buffer.from(request.data, 'base64');
      return token.unwrap(request.version, wrapped, request.context).toString('base64');
    }
    case 'advance':
      return String(token.advance());
    case 'retire':
      token.retire(request.version);
      return undefined;
  }
}

process.on('message', (request: Request) => {
  answer(request).then(
    (value) => process.send!({ id: request.id, value } satisfies Reply),
    (error: unknown) =>
      process.send!({
        id: request.id,
        error: error instanceof Error ? error.message : 'PKCS#11: unknown fault',
      } satisfies Reply),
  );
});
process.on('disconnect', () => process.exit(0));
