/** `cargo leptos watch` on a copy of the sources, to be edited. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from './ports.ts';
import { ROOT } from '../tests/support/server.ts';

/** The `cargo-leptos` to use; `cargo xtask test watch` names the pinned one. */
export const CARGO_LEPTOS = process.env.CARGO_LEPTOS_PATH;

/** A debug build of everything. */
const BUILD_MS_MAX = 900_000;
/** Folders that hold no sources. */
const LEFT_OUT = ['target', 'node_modules', 'dist', '.git', 'madang-data'];

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) kill(child);
});

export class Watch {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #lines: string[] = [];

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#lines.push(line));
    }
  }

  /** Copies the sources, builds them and serves the page. What it builds is kept in `target/watch` for the next time. */
  static async start(cargoLeptos: string): Promise<Watch> {
    const folder = await mkdtemp(join(tmpdir(), 'madang-watch-'));
    const sources = join(folder, 'sources');
    await cp(ROOT, sources, { recursive: true, filter: (path) => !isLeftOut(path) });
    const port = await freePort();
    const child = spawn(cargoLeptos, ['leptos', 'watch'], {
      cwd: sources,
      env: {
        ...cleanEnv(),
        CARGO_TARGET_DIR: join(ROOT, 'target/watch'),
        LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
        LEPTOS_RELOAD_PORT: String(await freePort()),
        MADANG_DATA_DIR: join(folder, 'data'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const it = new Watch(child, folder, port);
    try {
      await it.#serves();
    } catch (error) {
      await it.dispose();
      throw error;
    }
    return it;
  }

  /** Changes a file of the sources as an editor does that saves it. */
  async edit(file: string, change: (text: string) => string): Promise<void> {
    const path = join(this.#folder, 'sources', file);
    const before = await readFile(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`nothing in ${file} was changed`);
    await writeFile(path, after);
  }

  /** The last lines it wrote. */
  tail(): string {
    return this.#lines.slice(-40).join('\n');
  }

  async dispose(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      kill(this.#child);
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #serves(): Promise<void> {
    const deadline = Date.now() + BUILD_MS_MAX;
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null) throw new Error(`cargo leptos watch ended:\n${this.tail()}`);
      const answer = await fetch(`${this.url}/healthz`).catch(() => undefined);
      if (answer?.ok) return;
      if (this.#lines.some((line) => /could not compile|Build failed/.test(line))) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error(`cargo leptos watch does not serve the page:\n${this.tail()}`);
  }
}

function isLeftOut(path: string): boolean {
  return relative(ROOT, path)
    .split(sep)
    .some((part) => LEFT_OUT.includes(part));
}

/** It and all that came of it: cargo-leptos puts the server it starts into a group of its own. */
function kill(child: ChildProcess): void {
  if (!child.pid) return;
  // What is stopped starts nothing while the list is read.
  signal(child.pid, 'SIGSTOP');
  for (const pid of [child.pid, ...descendants(child.pid)]) signal(pid, 'SIGKILL');
}

function descendants(of: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const all = table.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [of];
  for (const parent of found) found.push(...all.filter(([, ppid]) => ppid === parent).map(([pid]) => pid));
  return found.slice(1);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

/** The environment without settings of the developer's own server, and without what colours the lines. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(MADANG|LEPTOS)_|^(FORCE|CARGO_TERM)_COLOR$/.test(name)),
  );
}
