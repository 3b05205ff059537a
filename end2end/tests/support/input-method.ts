/**
 * A Korean input method, as browsers show it to a page. Headless Chromium has none, but its debugging protocol takes
 * what one would do, so that the events are real ones, with their defaults. They come in the orders recorded in
 * Chrome and in Safari on macOS; what the page saw can be compared with them.
 */

import type { CDPSession, Page } from '@playwright/test';

declare global {
  interface Window {
    seen: string[];
  }
}

const ENTER = { key: 'Enter', code: 'Enter' };
/** What `keyCode` says while an input method has the key (UI Events, "legacy key attributes"). */
const TAKEN = 229;

export class InputMethod {
  readonly #page: Page;
  readonly #protocol: CDPSession;

  private constructor(page: Page, protocol: CDPSession) {
    this.#page = page;
    this.#protocol = protocol;
  }

  /** Sits down at the page, and notes what it sees of Enter and of compositions from now on. */
  static async at(page: Page): Promise<InputMethod> {
    await page.evaluate(() => {
      window.seen = [];
      for (const type of ['keydown', 'compositionend', 'beforeinput']) {
        addEventListener(
          type,
          (event) => {
            if (event instanceof KeyboardEvent && event.key === 'Enter') {
              window.seen.push(`keydown ${event.keyCode}${event.isComposing ? ' composing' : ''}`);
            } else if (event instanceof InputEvent && event.inputType.startsWith('insertLine')) {
              window.seen.push(event.inputType);
            } else if (event.type === 'compositionend') {
              window.seen.push('compositionend');
            }
          },
          { capture: true },
        );
      }
    });
    return new InputMethod(page, await page.context().newCDPSession(page));
  }

  /** Builds a syllable, letter by letter: `compose('ㅎ', '하', '한')`. It stays under composition. */
  async compose(...states: string[]): Promise<void> {
    for (const text of states) {
      await this.#key('rawKeyDown', { keyCode: TAKEN, key: 'Process', code: 'KeyG' });
      await this.#protocol.send('Input.imeSetComposition', {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    }
  }

  /** Ends the composition with this text, as the next syllable or a click does. */
  async finish(text: string): Promise<void> {
    await this.#protocol.send('Input.insertText', { text });
  }

  /** Enter in Chrome: the input method's key, the end of the composition, then Enter once more as a plain key. */
  async enterInChrome(text: string): Promise<string[]> {
    await this.#key('rawKeyDown', { ...ENTER, keyCode: TAKEN });
    await this.finish(text);
    await this.#page.keyboard.press('Enter');
    return this.#seen();
  }

  /** Enter in Safari: the end of the composition, then the input method's key, then straight the line break. */
  async enterInSafari(text: string): Promise<string[]> {
    await this.finish(text);
    await this.#key('rawKeyDown', { ...ENTER, keyCode: TAKEN });
    await this.#key('char', { ...ENTER, keyCode: 13, text: '\r' });
    await this.#key('keyUp', { ...ENTER, keyCode: 13 });
    return this.#seen();
  }

  /** An Enter that only chooses among what a Japanese or Chinese input method offers, in Chrome. */
  async chooseInChrome(text: string): Promise<string[]> {
    await this.#key('rawKeyDown', { ...ENTER, keyCode: TAKEN });
    await this.finish(text);
    await this.#key('keyUp', { ...ENTER, keyCode: 13 });
    return this.#seen();
  }

  /** The same in Safari. */
  async chooseInSafari(text: string): Promise<string[]> {
    await this.finish(text);
    await this.#key('rawKeyDown', { ...ENTER, keyCode: TAKEN });
    await this.#key('keyUp', { ...ENTER, keyCode: 13 });
    return this.#seen();
  }

  async #key(
    type: 'rawKeyDown' | 'char' | 'keyUp',
    { keyCode, ...rest }: { key: string; code: string; keyCode: number; text?: string },
  ): Promise<void> {
    await this.#protocol.send('Input.dispatchKeyEvent', { type, windowsVirtualKeyCode: keyCode, ...rest });
  }

  #seen(): Promise<string[]> {
    return this.#page.evaluate(() => window.seen.splice(0));
  }
}
