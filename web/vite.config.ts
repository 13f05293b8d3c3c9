/** How the web app is built: one page, one service worker, the shell's files listed inside it. */
import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

/** What a chunk cannot do without: those it imports, and their styles. */
function needs(bundle: Rolldown.OutputBundle, name: string, found: Set<string>): Set<string> {
  const chunk = bundle[name];
  if (found.has(name) || chunk?.type !== 'chunk') return found;
  found.add(name);
  for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
  for (const one of chunk.imports) needs(bundle, one, found);
  return found;
}

/** Writes the lists of built files into the service worker, so that a new build is a new worker: all there are, and those by which any page opens. */
function shellList(): Plugin {
  return {
    name: 'afar-shell-list',
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle)
        .filter((name) => name.startsWith('assets/'))
        .map((name) => `/${name}`)
        .sort();
      const first = Object.values(bundle).find(
        (one) => one.type === 'chunk' && one.isEntry && one.name === 'index',
      );
      if (!first) throw new Error('the page was not built');
      const core = [...needs(bundle, first.fileName, new Set())].map((name) => `/${name}`).sort();
      const stamp = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12);
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') throw new Error('the service worker was not built');
      worker.code = worker.code
        .replace(/(['"`])__SHELL_FILES__\1/, () => JSON.stringify(JSON.stringify(files)))
        .replace(/(['"`])__SHELL_CORE__\1/, () => JSON.stringify(JSON.stringify(core)))
        .replaceAll('__SHELL_STAMP__', stamp);
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), shellList()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0, // data: URLs would need holes in the content security policy
    sourcemap: false,
    chunkSizeWarningLimit: 600, // kB: livekit-client is 536, and only a call of many through LiveKit asks for it
    rollupOptions: {
      input: { index: `${import.meta.dirname}/index.html`, sw: `${import.meta.dirname}/src/sw.ts` },
      output: {
        // What eight pages and more use comes in two files: a page of a visit was 127 files (365 KiB compressed), now 63 (341 KiB).
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules/, minShareCount: 8 },
            { name: 'kit', test: /web\/src/, minShareCount: 8 },
          ],
        },
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  worker: { format: 'es' },
  server: {
    port: 8180,
    proxy: Object.fromEntries(
      ['/api', '/auth', '/fhir', '/oauth'].map((path) => [
        path,
        { target: process.env['AFAR_DEV_SERVER'] ?? 'http://127.0.0.1:8080', ws: true },
      ]),
    ),
  },
});
