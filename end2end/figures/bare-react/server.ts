/** A bare React page with a socket, in its production build, served as a page like it is: compressed, from one small server. */

import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { build } from 'esbuild';
import { WebSocketServer } from 'ws';

const PAGE = `<!doctype html>
<html lang="ko">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>채팅방</title>
    <link rel="icon" href="data:,">
    <script type="module" src="/page.js"></script>
  </head>
  <body><div id="app"></div></body>
</html>`;

export class BareReact {
  /** Bytes of its script as it goes over the network. */
  readonly scriptBytes: number;
  readonly #http: HttpServer;
  readonly #sockets: WebSocketServer;

  private constructor(script: Uint8Array, history: object[]) {
    const files: Record<string, [string, Buffer]> = {
      '/': ['text/html; charset=utf-8', brotliCompressSync(PAGE)],
      '/page.js': ['text/javascript', brotliCompressSync(script)],
    };
    this.scriptBytes = files['/page.js']?.[1].length ?? 0;
    this.#http = createServer(({ url = '' }, answer) => {
      const [type, body] = files[url] ?? ['text/plain', Buffer.of()];
      answer.writeHead(url in files ? 200 : 404, { 'content-type': type, 'content-encoding': 'br', 'content-length': body.length });
      answer.end(body);
    });
    this.#sockets = new WebSocketServer({ server: this.#http });
    this.#sockets.on('connection', (socket) => socket.send(JSON.stringify(history)));
  }

  /** Builds the page and serves it on a free port; whoever connects is sent this history. */
  static async start(history: object[]): Promise<BareReact> {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, 'page.js')],
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    const script = outputFiles[0]?.contents;
    if (!script) throw new Error('esbuild has built nothing');
    const page = new BareReact(script, history);
    page.#http.listen(0, '127.0.0.1');
    await once(page.#http, 'listening');
    return page;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async dispose(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }
}
