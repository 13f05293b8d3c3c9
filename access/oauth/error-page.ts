/** What a person sees when an app sent her with a request that cannot be answered, and cannot be sent back to it either. */
import type { KoaContext } from 'oidc-provider';

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

/** Words from the request are shown as text alone; nothing on this page is run, loaded or sent. */
export function errorPage(
  ctx: KoaContext,
  { error, error_description: description }: { error: string; error_description?: string },
): void {
  ctx.type = 'text/html; charset=utf-8';
  ctx.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  ctx.set('x-frame-options', 'DENY');
  ctx.set('cache-control', 'no-store');
  ctx.body = `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Afar</title>
<h1>This app could not be connected</h1>
<p>It asked in a way that is not allowed here. Nothing was shared. Go back to the app, and tell its makers this:</p>
<p>${escaped(error)}${description ? `: ${escaped(description)}` : ''}</p>
<p lang="es">Esta aplicación no se ha podido conectar. No se ha compartido nada.</p>
</html>`;
}
