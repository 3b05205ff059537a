/** WebKitGTK’s MiniBrowser, by WebDriver (W3C Recommendation): JSON over HTTP. It needs a display; Xvfb is one. */

import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { said, start, stop } from './programs.ts';
import type { ActionSource, Driver } from './tab.ts';

const DRIVER = process.env.WEBKIT_DRIVER_PATH ?? 'WebKitWebDriver';
/** Debian’s folders of libraries have the machine’s kind in their names. */
const LIBRARIES = '/usr/lib';
const LOCATIONS = ['webkit2gtk-4.1/MiniBrowser', 'webkit2gtk-4.0/MiniBrowser', 'webkitgtk-6.0/MiniBrowser'];

export class WebKit implements Driver {
  readonly #complaints: string[] = [];
  readonly #dispose: () => Promise<void>;
  readonly #session: string;

  private constructor(session: string, dispose: () => Promise<void>) {
    this.#session = session;
    this.#dispose = dispose;
  }

  /** Starts it with a page of this size. */
  static async open(size: { width: number; height: number }): Promise<WebKit> {
    const display = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp']);
    const number = await said(display, /^(\d+)$/);
    const port = await freePort();
    const driver = start(DRIVER, [`--port=${port}`], { DISPLAY: `:${number}`, LANGUAGE: 'ko', LC_ALL: 'C.UTF-8' });
    const dispose = async () => {
      await stop(driver);
      await stop(display);
    };
    const server = `http://127.0.0.1:${port}`;
    try {
      const binary = miniBrowser();
      const { sessionId } = await ask(`${server}/session`, {
        capabilities: {
          alwaysMatch: {
            'webkitgtk:browserOptions': {
              binary,
              args: ['--automation', '--enable-write-console-messages-to-stdout=true'],
            },
          },
        },
      });
      const webkit = new WebKit(`${server}/session/${sessionId}`, dispose);
      for (const output of [driver.stdout, driver.stderr]) {
        if (output) createInterface({ input: output }).on('line', (line) => webkit.#hear(line));
      }
      await webkit.#resize(size);
      return webkit;
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  async navigate(url: string): Promise<void> {
    await this.#ask('url', { url });
  }

  async run(body: string): Promise<unknown> {
    return (await this.#ask('execute/sync', { script: body, args: [] })) ?? undefined;
  }

  async act(sources: ActionSource[]): Promise<void> {
    await this.#ask('actions', { actions: sources });
  }

  complaints(): string[] {
    return this.#complaints;
  }

  async close(): Promise<void> {
    await fetch(this.#session, { method: 'DELETE' }).catch(() => undefined);
    await this.#dispose();
  }

  /** Makes the page this large: the window has a frame and a toolbar besides. */
  async #resize({ width, height }: { width: number; height: number }): Promise<void> {
    await this.#ask('window/rect', { width, height });
    const [inner, outer] = (await this.run('return [innerWidth, innerHeight];')) as [number, number];
    await this.#ask('window/rect', { width: width + (width - inner), height: height + (height - outer) });
  }

  #hear(line: string): void {
    if (/CONSOLE.*\b(ERROR|WARN)/.test(line)) this.#complaints.push(line);
  }

  #ask(command: string, body: unknown): Promise<any> {
    return ask(`${this.#session}/${command}`, body);
  }
}

async function ask(url: string, body: unknown): Promise<any> {
  for (let left = 50; ; left--) {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) }).catch((error: unknown) => {
      // The driver does not say when it listens.
      if (left === 0) throw error;
      return undefined;
    });
    if (answer === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    const { value } = (await answer.json()) as { value: any };
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
}

function miniBrowser(): string {
  const paths = readdirSync(LIBRARIES).flatMap((kind) => LOCATIONS.map((path) => join(LIBRARIES, kind, path)));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error('there is no MiniBrowser; Debian’s package webkit2gtk-driver brings it');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
