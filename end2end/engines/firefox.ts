/** Firefox, by WebDriver BiDi (W3C Working Draft): JSON over one WebSocket. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WebSocket } from 'ws';

import { said, start, stop } from './programs.ts';
import type { ActionSource, Driver } from './tab.ts';

const PROGRAM = process.env.FIREFOX_PATH ?? 'firefox-esr';

/** What a finger is to `@media (pointer)` and `(hover)`: coarse, and over nothing (Firefox’ `ui.primaryPointerCapabilities`). */
const FINGER = 1;

export class Firefox implements Driver {
  readonly #complaints: string[] = [];
  readonly #waiting = new Map<number, { resolve(value: any): void; reject(error: Error): void }>();
  readonly #dispose: () => Promise<void>;
  readonly #socket: WebSocket;
  #context = '';
  #last = 0;

  private constructor(socket: WebSocket, dispose: () => Promise<void>) {
    this.#socket = socket;
    this.#dispose = dispose;
    socket.on('message', (data) => this.#hear(JSON.parse(data.toString())));
  }

  /** Starts it with a window of this size and a profile of its own. */
  static async open(size: { width: number; height: number }, isTouched: boolean): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'madang-firefox-'));
    const preferences: Record<string, unknown> = {
      'intl.accept_languages': 'ko-KR',
      'intl.locale.requested': 'ko-KR',
      'datareporting.policy.dataSubmissionEnabled': false,
      'app.update.enabled': false,
      ...(isTouched ? { 'ui.primaryPointerCapabilities': FINGER, 'ui.allPointerCapabilities': FINGER } : {}),
    };
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
    await writeFile(join(profile, 'user.js'), lines.join(''));
    const program = start(PROGRAM, ['--headless', '--remote-debugging-port=0', '--profile', profile], {
      MOZ_REMOTE_SETTINGS_DEVTOOLS: '1',
    });
    const address = await said(program, /listening on (ws:\S+)/);
    const socket = new WebSocket(`${address}/session`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const firefox = new Firefox(socket, async () => {
      socket.terminate();
      await stop(program);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    });
    await firefox.#send('session.new', { capabilities: {} });
    const { contexts } = await firefox.#send('browsingContext.getTree', {});
    firefox.#context = contexts[0].context;
    await firefox.#send('session.subscribe', { events: ['log.entryAdded'] });
    await firefox.#send('browsingContext.setViewport', { context: firefox.#context, viewport: size });
    return firefox;
  }

  async navigate(url: string): Promise<void> {
    await this.#send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  async run(body: string): Promise<unknown> {
    const { type, result, exceptionDetails } = await this.#send('script.callFunction', {
      functionDeclaration: `async () => JSON.stringify(await (() => { ${body} })()) ?? 'null'`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (type !== 'success') throw new Error(exceptionDetails.text);
    return JSON.parse(result.value) ?? undefined;
  }

  async act(sources: ActionSource[]): Promise<void> {
    await this.#send('input.performActions', { context: this.#context, actions: sources });
  }

  complaints(): string[] {
    return this.#complaints;
  }

  async close(): Promise<void> {
    await this.#dispose();
  }

  #send(method: string, params: unknown): Promise<any> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #hear(message: any): void {
    if (message.method === 'log.entryAdded') {
      const { level, text, stackTrace } = message.params;
      if (level === 'error' || level === 'warn') {
        this.#complaints.push(`${level}: ${text} (${stackTrace?.callFrames?.[0]?.url ?? ''})`);
      }
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'error') waiting?.reject(new Error(`${message.error}: ${message.message}`));
    else waiting?.resolve(message.result);
  }
}
