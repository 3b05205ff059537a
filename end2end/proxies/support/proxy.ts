/** A real proxy before a server: a process of its own on a free port, with its files in a folder that goes with it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Server } from '../../tests/support/server.ts';
import { type Kind, NAME, type Place, type Setup } from './kinds.ts';

const START_MS_MAX = 15_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

export class Proxy {
  readonly #kind: Kind;
  readonly #place: Place;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(kind: Kind, place: Place) {
    this.#kind = kind;
    this.#place = place;
  }

  /** Starts one before a server. */
  static async before(server: Server, kind: Kind, setup: Setup): Promise<Proxy> {
    const folder = await mkdtemp(join(tmpdir(), 'madang-proxy-'));
    const proxy = new Proxy(kind, { port: await freePort(), server: new URL(server.url).host, folder });
    await proxy.start(setup);
    return proxy;
  }

  get url(): string {
    return `http://${NAME}:${this.#place.port}`;
  }

  /** Starts it again with another setup, on the same port. What was open is cut. */
  async restart(setup: Setup): Promise<void> {
    await this.stop();
    await this.start(setup);
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.#place.folder, { recursive: true, force: true });
  }

  private async start(setup: Setup): Promise<void> {
    const { port, folder } = this.#place;
    const file = join(folder, 'configuration');
    await writeFile(file, this.#kind.configuration(setup, this.#place));
    const child = spawn(this.#kind.program, this.#kind.arguments(file, this.#place), {
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said = (this.#said + text).slice(-4_000)));
    }
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    const until = Date.now() + START_MS_MAX;
    while (!(await answers(port))) {
      if (failure || child.exitCode !== null || Date.now() > until) {
        throw new Error(`${this.#kind.program} does not start: ${failure?.message ?? ''}\n${this.#said}`);
      }
    }
  }

  private async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether somebody listens there; not sooner than after a moment. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), 50));
  });
}
