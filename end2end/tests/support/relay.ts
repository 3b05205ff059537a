/**
 * A relay between browser and server, standing for the network in between: it can be cut, be down, let no WebSocket
 * through, hold streams back or give slow answers up, as some proxies do. Unlike a route in the browser it does this to
 * real connections.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server as HttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Server } from './server.ts';

export class Relay {
  /** Whether it lets an `Upgrade` through; without, it answers 502. */
  letsUpgrade = true;
  /** Whether it hands an event stream on as it comes; without, it gathers it for ever. */
  letsStreams = true;
  /** Whether it lets cookies through, as a browser does that is told to keep none. */
  letsCookies = true;
  /** The path below which it serves the site, which the site does not know of. */
  below = '';
  /** What it makes of every page. */
  rewrite: ((html: string) => string) | undefined;
  /** How long an answer may take until it gives it up, in milliseconds. */
  waitMsMax = Number.POSITIVE_INFINITY;
  /** The headers with which it refuses every `POST`, as one does that is asked too often. */
  refusesPosts: Record<string, string> | undefined;
  readonly #http: HttpServer;
  readonly #sockets = new Set<Socket>();
  #isDown = false;

  private constructor(target: Server) {
    this.#http = createServer((incoming, answer) => {
      const { hostname, port } = new URL(target.url);
      if (this.refusesPosts && incoming.method === 'POST') {
        answer.writeHead(503, { 'content-length': '0', ...this.refusesPosts }).end();
        return;
      }
      if (!this.letsCookies) delete incoming.headers.cookie;
      if (this.rewrite) delete incoming.headers['accept-encoding'];
      if (!incoming.url?.startsWith(`${this.below}/`)) {
        answer.writeHead(404, { 'content-length': '0' }).end();
        return;
      }
      incoming.url = incoming.url.slice(this.below.length);
      const onward = request(
        { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers, agent: false },
        (found) => {
          clearTimeout(patience);
          if (this.rewrite && found.headers['content-type']?.startsWith('text/html')) {
            this.#rewritten(found, answer, this.rewrite);
            return;
          }
          answer.writeHead(found.statusCode ?? 502, found.rawHeaders);
          if (found.headers['content-type'] === 'text/event-stream' && !this.letsStreams) answer.flushHeaders();
          else found.pipe(answer);
          found.on('error', () => answer.destroy());
        },
      );
      const giveUp = () => answer.writeHead(504, { 'content-length': '0' }).end();
      const patience = Number.isFinite(this.waitMsMax) ? setTimeout(giveUp, this.waitMsMax) : undefined;
      onward.on('socket', (socket) => this.#keep(socket));
      onward.on('error', () => answer.destroy());
      answer.on('close', () => {
        clearTimeout(patience);
        onward.destroy();
      });
      incoming.pipe(onward);
    });
    this.#http.on('connection', (socket: Socket) => (this.#isDown ? socket.destroy() : this.#keep(socket)));
    this.#http.on('upgrade', (incoming: IncomingMessage, near: Duplex, head: Buffer) => {
      if (!this.letsUpgrade || !this.letsCookies) {
        near.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      const { hostname, port } = new URL(target.url);
      const far = connect(Number(port), hostname, () => far.write(headOf(incoming)));
      this.#keep(far);
      far.write(head);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
  }

  /** Starts a relay to this server on a free port. */
  static async to(server: Server): Promise<Relay> {
    const relay = new Relay(server);
    relay.#http.listen(0, '127.0.0.1');
    await once(relay.#http, 'listening');
    return relay;
  }

  /** Where browsers find the server through it. */
  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Breaks every connection there is, without a word. New ones are let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Breaks every connection and every new one, until it is put `up` again. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  up(): void {
    this.#isDown = false;
  }

  async dispose(): Promise<void> {
    this.down();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #rewritten(found: IncomingMessage, answer: ServerResponse, rewrite: (html: string) => string): void {
    let html = '';
    found.setEncoding('utf8');
    found.on('data', (chunk: string) => (html += chunk));
    found.on('error', () => answer.destroy());
    found.on('end', () => {
      const { 'content-length': _, 'transfer-encoding': __, ...headers } = found.headers;
      answer.writeHead(found.statusCode ?? 502, headers).end(rewrite(html));
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }
}

/** A request's head as it came. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url} HTTP/1.1\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  return `${head}\r\n`;
}
