/** Somebody who uses the server without a browser: over its HTTP API, or as a plain client over a socket. */

import { once } from 'node:events';

import { expect } from '@playwright/test';
import { WebSocket } from 'ws';

import type { Frame } from './lines.ts';
import type { Server } from './server.ts';

/** The most frames that one request to `/api/v1/commands` may bring. */
const COMMANDS_PER_REQUEST_MAX = 100;

/** A program with an identity of its own, speaking HTTP. */
export class Program {
  readonly #server: Server;
  readonly #cookie: string;

  private constructor(server: Server, cookie: string) {
    this.#server = server;
    this.#cookie = cookie;
  }

  /** Asks the server for an identity. */
  static async introduce(server: Server): Promise<Program> {
    const answer = await fetch(`${server.url}/api/v1/me`);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) throw new Error(`no identity was given: ${answer.status}`);
    return new Program(server, cookie);
  }

  /** Says these texts in a room, in this order: their `seq`s. Beyond the post rate this fails: see `--post-rate`. */
  async say(texts: string[], room = 'lobby'): Promise<number[]> {
    return this.ask(texts.map((message) => ({ type: 'post', room, message })));
  }

  /** Chooses a name. */
  async isCalled(name: string): Promise<void> {
    await this.ask([{ type: 'rename', name }]);
  }

  /** Comes into the lobby by a plain socket, for others to see, until that is closed. */
  async comes(): Promise<PlainClient> {
    return PlainClient.connect(this.#server.socketUrl, this.#cookie);
  }

  /** Asks for all this, in this order, and waits until it is on the disk: the `seq`s it got. */
  async ask(commands: Frame[]): Promise<number[]> {
    const seqs: number[] = [];
    for (let at = 0; at < commands.length; at += COMMANDS_PER_REQUEST_MAX) {
      const frames = commands
        .slice(at, at + COMMANDS_PER_REQUEST_MAX)
        .map((command) => ({ ...command, clientId: crypto.randomUUID() }));
      const answer = await fetch(`${this.#server.url}/api/v1/commands`, {
        method: 'POST',
        headers: { cookie: this.#cookie, 'content-type': 'application/json' },
        body: JSON.stringify(frames),
      });
      const { frames: answers } = (await answer.json()) as { frames: Frame[] };
      const acks = answers.filter((frame) => frame.type === 'ack');
      expect(acks.length, `every command is acknowledged: ${JSON.stringify(answers)}`).toBe(frames.length);
      seqs.push(...acks.map((ack) => ack.seq as number));
    }
    return seqs;
  }
}

/** A client written for the original server: no subprotocol, no cookie and, not being a browser, no `Origin`. */
export class PlainClient {
  /** What was received so far. */
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.frames.push(JSON.parse(data.toString())));
  }

  /** Connects, like `new WebSocket('ws://localhost:8080')` in the original; with a cookie as somebody who is known. */
  static async connect(url: string, cookie?: string): Promise<PlainClient> {
    const socket = new WebSocket(url, cookie === undefined ? {} : { headers: { cookie } });
    const client = new PlainClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** What the original sends. */
  say(userId: string, message: string): void {
    this.#socket.send(JSON.stringify({ userId, message }));
  }

  /** Waits until so many frames have come. */
  async received(count: number): Promise<Frame[]> {
    await expect.poll(() => this.frames.length, 'frames of a plain client').toBeGreaterThanOrEqual(count);
    return this.frames;
  }

  close(): void {
    this.#socket.close();
  }
}
