/** `trunk serve`: the client-side-only build, as someone sees it who works on the page. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from './ports.ts';
import { ROOT, type Server } from '../tests/support/server.ts';

/** The `trunk` to use; `cargo xtask test` names the pinned one. */
export const TRUNK = process.env.TRUNK_PATH;

/** The ports that `Trunk.toml` and the page built by it have in them. */
const SERVER_PORT = 8080;
const TRUNK_PORT = 8081;
const BUILD_MS_MAX = 240_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Trunk {
  readonly url: string;
  /** Chromium's rule (`--host-resolver-rules`) by which it finds the server where the page looks for it. */
  readonly hostRule: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, port: number, server: Server) {
    this.#child = child;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    const { host } = new URL(server.url);
    this.hostRule = `MAP 127.0.0.1:${SERVER_PORT} ${host}`;
  }

  /** Builds the page and serves it beside this server: as `Trunk.toml` says, but on ports that are free. */
  static async serve(trunk: string, server: Server): Promise<Trunk> {
    const folder = await mkdtemp(join(tmpdir(), 'madang-trunk-'));
    const port = await freePort();
    const config = join(folder, 'Trunk.toml');
    await writeFile(config, await configFor(server, port, join(folder, 'dist')));
    const child = spawn(trunk, ['serve', '--config', config, '--skip-version-check', '--no-autoreload=true'], {
      cwd: ROOT,
      // Trunk 0.21 takes only `true` and `false` for these.
      env: { ...process.env, NO_COLOR: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const it = new Trunk(child, folder, port, server);
    try {
      await it.#served();
    } catch (error) {
      await it.dispose();
      throw error;
    }
    return it;
  }

  async dispose(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Waits until it has built the page, which it says. */
  async #served(): Promise<void> {
    const lines: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`trunk ${why}:\n${lines.slice(-30).join('\n')}`));
      const timer = setTimeout(() => fail(`has not built within ${BUILD_MS_MAX} ms`), BUILD_MS_MAX);
      this.#child.once('error', (error) => fail(`cannot be started (${error.message})`));
      this.#child.once('exit', (code) => fail(`ended with ${code}`));
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        if (!stream) continue;
        createInterface({ input: stream }).on('line', (line) => {
          lines.push(line);
          if (/success/i.test(line)) {
            clearTimeout(timer);
            resolve();
          } else if (/^error|ERROR/.test(line)) {
            clearTimeout(timer);
            fail('could not build');
          }
        });
      }
    });
  }
}

/** `Trunk.toml` with other ports, its paths made absolute, building into `dist`. */
async function configFor(server: Server, port: number, dist: string): Promise<string> {
  const path = JSON.stringify;
  const original = await readFile(join(ROOT, 'Trunk.toml'), 'utf8');
  return original
    .replace('target = "index.html"', `target = ${path(join(ROOT, 'index.html'))}`)
    .replace('dist = "dist"', `dist = ${path(dist)}`)
    .replace(/^watch = .*$/m, `watch = [${path(join(ROOT, 'index.html'))}]`)
    .replace(`port = ${TRUNK_PORT}`, `port = ${port}`)
    .replace(`http://127.0.0.1:${SERVER_PORT}`, server.url);
}
