/** A real NATS server with a log, on a free port and an empty folder, to be killed and started again. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `cargo xtask test` names the one it knows; else the one on PATH. */
const PROGRAM = process.env.NATS_SERVER || 'nats-server';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Nats {
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** One that does not run yet. */
  static async make(): Promise<Nats> {
    return new Nats(await mkdtemp(join(tmpdir(), 'madang-nats-')), await freePort());
  }

  /** The flags of a node that finds it. */
  get flags(): string[] {
    return ['--nats', `nats://127.0.0.1:${this.#port}`, '--nats-replicas', '1'];
  }

  /** Starts it, with what it has on its disk. Nodes wait for it, so nothing here does. */
  start(): void {
    const where = ['--addr', '127.0.0.1', '--port', String(this.#port)];
    const child = spawn(PROGRAM, [...where, '--jetstream', '--store_dir', this.#folder], { stdio: 'ignore' });
    child.once('error', (error) => {
      throw new Error(`these tests need nats-server: NATS_SERVER=$(cargo xtask nats) names one (${error.message})`);
    });
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port has no number');
  server.close();
  await once(server, 'close');
  return address.port;
}
