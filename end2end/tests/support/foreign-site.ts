/** Somebody else's site, under a name of its own: the browser is told to look for every `.example` on this machine. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Chromium's rule for that (`--host-resolver-rules`). */
export const EXAMPLE_IS_HERE = 'MAP *.example 127.0.0.1';

export class ForeignSite {
  readonly url: string;
  readonly #close: () => void;

  private constructor(port: number, close: () => void) {
    this.url = `http://elsewhere.example:${port}`;
    this.#close = close;
  }

  /** Starts a site whose every page is empty. */
  static async start(): Promise<ForeignSite> {
    const server = createServer((_, answer) => {
      answer.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ForeignSite((server.address() as AddressInfo).port, () => {
      server.closeAllConnections();
      server.close();
    });
  }

  dispose(): void {
    this.#close();
  }
}
