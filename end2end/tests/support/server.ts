/** The real server: the release binary on a free port and an empty data folder, to be stopped, killed and restarted. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '../../..');
const BINARY = process.env.SERVER_BINARY ?? join(ROOT, 'target/release/madang');
const SITE_DIR = process.env.SERVER_SITE_DIR ?? join(ROOT, 'target/release/site');
const START_MS_MAX = 15_000;
const STOP_MS_MAX = 20_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Server {
  /** Everything the server has logged, over all its lives. */
  readonly logs: string[] = [];
  readonly dataDir: string;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;
  #address: string | undefined;
  #watchers = new Set<() => void>();
  /** Where in the log its present life begins. */
  #born = 0;

  private constructor(dataDir: string, flags: readonly string[]) {
    this.dataDir = dataDir;
    this.#flags = flags;
  }

  /** Starts a server; `flags` come after the usual ones. */
  static async start(flags: readonly string[] = []): Promise<Server> {
    const dataDir = await mkdtemp(join(tmpdir(), 'madang-end2end-'));
    const server = new Server(dataDir, flags);
    try {
      await server.start();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** Where it listens, like `http://127.0.0.1:41234`; the same after a restart. */
  get url(): string {
    if (!this.#address) throw new Error('the server has never listened');
    return `http://${this.#address}`;
  }

  /** The same for sockets. */
  get socketUrl(): string {
    return this.url.replace('http', 'ws');
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (!pid) throw new Error('the server does not run');
    return pid;
  }

  /** Starts it again, on the port and the data folder it had. */
  async start(): Promise<void> {
    if (this.#child) throw new Error('the server runs already');
    const child = spawn(
      BINARY,
      [
        ...['--listen', this.#address ?? '127.0.0.1:0'],
        ...['--data-dir', this.dataDir],
        ...['--site-dir', SITE_DIR],
        ...this.#flags,
      ],
      { cwd: ROOT, env: cleanEnv(), stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#child = child;
    this.#born = this.logs.length;
    running.add(child);
    child.once('exit', () => running.delete(child));
    const line = await this.#firstAddress(child);
    this.#address = line;
  }

  /** Asks it to shut down (SIGTERM) and waits until it has; anything but exit code 0 is an error. */
  async stop(): Promise<void> {
    const child = this.#take();
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code, signal] = await within(STOP_MS_MAX, ended, () => 'the server does not shut down');
    if (code !== 0) throw new Error(`the server ended with ${signal ?? code}:\n${this.tail()}`);
  }

  /** Kills it (SIGKILL), as a power cut of the process would. */
  async kill(): Promise<void> {
    const child = this.#take();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Shuts it down in order and starts it again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Waits until a line that matches has been logged, from the first line on or from line `from` on. */
  async logged(pattern: RegExp, { from = 0, ms = 15_000 } = {}): Promise<string> {
    const found = new Promise<string>((resolve) => {
      const look = () => {
        const line = this.logs.slice(from).find((line) => pattern.test(line));
        if (line === undefined) return;
        this.#watchers.delete(look);
        resolve(line);
      };
      this.#watchers.add(look);
      look();
    });
    return within(ms, found, () => `the server did not log ${pattern}:\n${this.tail()}`);
  }

  /** How many sessions it has at the moment. It logs their beginnings and ends at `server=debug`. */
  get sessions(): number {
    const life = this.logs.slice(this.#born);
    const count = (pattern: RegExp) => life.filter((line) => pattern.test(line)).length;
    return count(/a session began/) - count(/a session ended/);
  }

  /** The last lines of its log. */
  tail(): string {
    return this.logs.slice(-30).join('\n');
  }

  /** Ends it, if it runs, and removes its data. */
  async dispose(): Promise<void> {
    if (this.#child) await this.kill();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  #take(): ChildProcess {
    const child = this.#child;
    if (!child) throw new Error('the server does not run');
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the server had ended by itself:\n${this.tail()}`);
    }
    return child;
  }

  async #firstAddress(child: ChildProcess): Promise<string> {
    const address = new Promise<string>((resolve, reject) => {
      child.once('error', (error) => {
        this.#child = undefined;
        reject(new Error(`${BINARY} cannot be started (\`cargo xtask test build\` makes it): ${error.message}`));
      });
      child.once('exit', (code) => {
        if (this.#child === child) this.#child = undefined;
        reject(new Error(`the server ended with ${code}:\n${this.tail()}`));
      });
      if (!child.stderr) return;
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.logs.push(line);
        for (const watcher of [...this.#watchers]) watcher();
        const found = /http:\/\/([^\s"/]+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
    });
    return within(START_MS_MAX, address, () => `the server does not say where it listens:\n${this.tail()}`);
  }
}

/** The environment without settings of the developer's own server. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(MADANG|LEPTOS)_/.test(name)),
  );
}

async function within<T>(ms: number, promise: Promise<T>, complaint: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint()} (waited ${ms} ms)`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
