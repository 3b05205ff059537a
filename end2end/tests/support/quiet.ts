/** A page that complains in its console has failed, whatever it shows. */

import type { BrowserContext } from '@playwright/test';

export class Quiet {
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];
  #isOver = false;

  /** Listens to every page of the context, those opened later included. */
  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (this.#isOver) return;
      if (message.type() === 'error' || message.type() === 'warning') {
        const { url, lineNumber } = message.location();
        this.#complaints.push(`console ${message.type()}: ${message.text()} (${url}:${lineNumber})`);
      }
    });
    context.on('weberror', (error) => {
      if (this.#isOver) return;
      this.#complaints.push(`page error: ${error.error().stack ?? error.error().message}`);
    });
  }

  /** Complaints like this belong to the test: the browser itself reports a server that is not there. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** The test is over and its pages are closed one by one: the next tab takes over and is closed while it connects. */
  over(): void {
    this.#isOver = true;
  }

  /** What was complained of and not expected. */
  get unexpected(): string[] {
    return this.#complaints.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }
}

/** What Chromium writes when a connection is refused or cut. */
export const CONNECTION_LOST = /WebSocket connection to|net::ERR_|Failed to load resource/;

/** What Chromium writes when a page or a request of it was answered with a refusal. */
export const REFUSED = /Failed to load resource: the server responded with a status of 4/;

/** What Chromium writes when the page's script is not to run, although it was loaded ahead. */
export const LOADED_IN_VAIN = /was preloaded using link preload but not used/;
