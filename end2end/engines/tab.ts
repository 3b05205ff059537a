/** A page in a browser that Playwright does not drive, by what the protocols of both have in common. */

import { expect } from '@playwright/test';

/** A source of input, as WebDriver has it (W3C WebDriver, section 15); WebDriver BiDi takes the same. */
export type ActionSource = Record<string, unknown>;

/** What a driver has to be able to do. */
export interface Driver {
  /** Loads a page and waits until its document is loaded. */
  navigate(url: string): Promise<void>;
  /** Runs the body of a function in the page; what it returns has to be JSON. */
  run(body: string): Promise<unknown>;
  /** What a hand does: pointers and keys. */
  act(sources: ActionSource[]): Promise<void>;
  /** What the page’s console complained of so far, and errors nobody caught. */
  complaints(): string[];
  close(): Promise<void>;
}

/** Keys that are no letters (W3C WebDriver, section 15.4.2). */
export const KEYS = { Enter: '\uE007', Escape: '\uE00C', ArrowDown: '\uE015', ArrowUp: '\uE013', Shift: '\uE008', Tab: '\uE004' };

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Tab {
  readonly #driver: Driver;
  readonly #isTouched: boolean;
  readonly #expected: RegExp[] = [];

  /** `isTouched`: by a finger, not by a mouse. */
  constructor(driver: Driver, isTouched: boolean) {
    this.#driver = driver;
    this.#isTouched = isTouched;
  }

  async goto(url: string): Promise<void> {
    await this.#driver.navigate(url);
  }

  /** Runs a function in the page. It sees its arguments and nothing else of the test. */
  async evaluate<A extends unknown[], R>(code: (...args: A) => R, ...args: A): Promise<R> {
    return (await this.#driver.run(`return (${code.toString()})(...${JSON.stringify(args)});`)) as R;
  }

  /** Waits until a function in the page says something true. */
  async until<A extends unknown[]>(what: string, code: (...args: A) => unknown, ...args: A): Promise<void> {
    await expect.poll(async () => Boolean(await this.evaluate(code, ...args)), what).toBe(true);
  }

  /** Waits until so many elements that can be seen match. */
  async shows(selector: string, count = 1): Promise<void> {
    const seen = () =>
      this.evaluate(
        (selector) =>
          [...document.querySelectorAll(selector)].filter((element) => element.getClientRects().length > 0).length,
        selector,
      );
    await expect.poll(seen, `“${selector}” in sight`).toBe(count);
  }

  /** The text of the first element that matches; empty without one. */
  async text(selector: string): Promise<string> {
    return this.evaluate((selector) => document.querySelector(selector)?.textContent?.trim() ?? '', selector);
  }

  /** Waits until the first element that matches says this. */
  async says(selector: string, text: string | RegExp): Promise<void> {
    await expect.poll(() => this.text(selector), `“${selector}” says`).toMatch(text);
  }

  /** Where the first element that matches is, once it is still. */
  async box(selector: string): Promise<Box> {
    const measure = () =>
      this.evaluate((selector) => {
        const seen = [...document.querySelectorAll(selector)].find((element) => element.getClientRects().length > 0);
        if (!seen) return undefined;
        seen.scrollIntoView({ block: 'nearest', behavior: 'instant' });
        const { x, y, width, height } = seen.getBoundingClientRect();
        return { x, y, width, height };
      }, selector);
    let box: Box | undefined;
    await expect
      .poll(async () => {
        const before = box;
        box = await measure();
        return box !== undefined && JSON.stringify(box) === JSON.stringify(before);
      }, `“${selector}” stands still`)
      .toBe(true);
    if (!box) throw new Error('it stood still a moment ago');
    return box;
  }

  /** Whether all of an element is within the window. */
  async isInSight(selector: string): Promise<boolean> {
    const { x, y, width, height } = await this.box(selector);
    const [inner, outer] = await this.evaluate(() => [innerWidth, innerHeight]);
    return x >= 0 && y >= 0 && x + width <= inner && y + height <= outer;
  }

  /** Moves the pointer onto the middle of an element. A finger cannot. */
  async point(selector: string): Promise<void> {
    if (this.#isTouched) return;
    const { x, y, width, height } = await this.box(selector);
    await this.#pointer([{ type: 'pointerMove', duration: 0, x: Math.round(x + width / 2), y: Math.round(y + height / 2) }]);
  }

  /** Clicks or taps the middle of an element. */
  async click(selector: string): Promise<void> {
    let middle = { x: -1, y: -1 };
    // What is about to slide in stands still beside the window first.
    await expect
      .poll(async () => {
        const { x, y, width, height } = await this.box(selector);
        middle = { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
        const [inner, outer] = await this.evaluate(() => [innerWidth, innerHeight]);
        return middle.x >= 0 && middle.y >= 0 && middle.x < inner && middle.y < outer;
      }, `“${selector}” is in the window`)
      .toBe(true);
    await this.#pointer([
      { type: 'pointerMove', duration: 0, ...middle },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ]);
  }

  /** Presses keys one after another. */
  async type(text: string): Promise<void> {
    const strokes = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.#driver.act([{ type: 'key', id: 'keyboard', actions: strokes }]);
  }

  /** Presses keys at the same time. */
  async press(...keys: string[]): Promise<void> {
    const down = keys.map((value) => ({ type: 'keyDown', value }));
    const up = keys.toReversed().map((value) => ({ type: 'keyUp', value }));
    await this.#driver.act([{ type: 'key', id: 'keyboard', actions: [...down, ...up] }]);
  }

  /** Complaints like this belong to the test. */
  expectComplaint(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** What the console complained of and was not expected. */
  complaints(): string[] {
    return this.#driver.complaints().filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }

  async close(): Promise<void> {
    await this.#driver.close();
  }

  async #pointer(actions: unknown[]): Promise<void> {
    const parameters = { pointerType: this.#isTouched ? 'touch' : 'mouse' };
    await this.#driver.act([{ type: 'pointer', id: 'hand', parameters, actions }]);
  }
}
