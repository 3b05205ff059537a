/** What a person does on the page, in the words of the page. */

import { expect, type Locator, type Page } from '@playwright/test';

export class Chat {
  readonly page: Page;
  readonly heading: Locator;
  /** What was said and is on the server's disk. */
  readonly log: Locator;
  readonly input: Locator;
  readonly button: Locator;

  constructor(page: Page) {
    this.page = page;
    this.heading = page.getByRole('heading', { name: '채팅방' });
    this.log = page.getByRole('log');
    this.input = page.getByPlaceholder('메시지를 입력하세요');
    this.button = page.getByRole('button', { name: '보내기' });
  }

  /** Opens a room, the lobby if none is named. */
  async open(room?: string): Promise<this> {
    await this.page.goto(room === undefined ? '/' : `/rooms/${encodeURIComponent(room)}`);
    await expect(this.heading).toBeVisible();
    return this;
  }

  /** The messages with exactly this text. */
  message(text: string): Locator {
    return this.log.getByText(text, { exact: true });
  }

  /** Writes a text and sends it with the button. */
  async say(text: string): Promise<void> {
    await this.input.fill(text);
    await this.button.click();
    await expect(this.input).toHaveValue('');
  }

  /** Waits until this text is shown, once. */
  async hears(text: string): Promise<void> {
    await expect(this.message(text)).toHaveCount(1);
    await expect(this.message(text)).toBeVisible();
  }
}
