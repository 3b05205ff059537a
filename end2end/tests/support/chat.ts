/** What a person does on the page, in the words of the page. */

import { expect, type Locator, type Page, type Response } from '@playwright/test';

import { Lines } from './lines.ts';
import { ko } from './words.ts';

export class Chat {
  readonly page: Page;
  readonly lines: Lines;
  readonly heading: Locator;
  /** Everything that was said, one's own posts that are still on their way included. */
  readonly log: Locator;
  /** What is read out to those who listen. */
  readonly hearing: Locator;
  /** The texts of what was said and is on the server's disk, oldest first. */
  readonly said: Locator;
  /** One's own posts that are still on their way. */
  readonly pending: Locator;
  readonly input: Locator;
  readonly button: Locator;
  /** How the line is; empty when all is well. */
  readonly status: Locator;
  /** What carries the chat, in a word. */
  readonly transport: Locator;
  /** Why something was refused; empty when nothing was. */
  readonly refusal: Locator;
  /** The box that scrolls. */
  readonly timeline: Locator;

  constructor(page: Page) {
    this.page = page;
    this.lines = new Lines(page);
    this.heading = page.getByRole('heading', { name: ko.heading });
    this.log = page.locator('.messages');
    this.hearing = page.getByRole('log');
    this.said = page.locator('.message:not(.message-pending) .message-text');
    this.pending = page.locator('.message-pending .message-text');
    this.input = page.getByPlaceholder(ko.placeholder);
    this.button = page.getByRole('button', { name: ko.send });
    this.status = page.getByRole('status');
    this.transport = page.locator('.heading-line');
    this.refusal = page.getByRole('alert');
    this.timeline = page.locator('#timeline');
  }

  /** Goes to a room, the lobby if none is named, and waits for nothing but its HTML. */
  async goto(room?: string): Promise<Response> {
    const path = room === undefined ? '/' : `/rooms/${encodeURIComponent(room)}`;
    const response = await this.page.goto(path, { waitUntil: 'commit' });
    await expect(this.heading).toBeVisible();
    if (!response) throw new Error(`${path} was not loaded`);
    return response;
  }

  /** Opens a room, the lobby if none is named, and waits until the page is connected. */
  async open(room?: string): Promise<this> {
    const before = this.lines.all.length;
    await this.goto(room);
    await this.lines.joined(before);
    return this;
  }

  /** Loads the page again and waits until it is connected. */
  async reload(): Promise<void> {
    const before = this.lines.all.length;
    await this.page.reload();
    await this.lines.joined(before);
  }

  /** Opens a further tab of the same browser profile, and waits until it uses the connection of the one that leads. */
  async tab(room?: string): Promise<Chat> {
    const tab = new Chat(await this.page.context().newPage());
    await tab.goto(room);
    await expect(tab.transport).toHaveAttribute('title', ko.by_other_tab);
    return tab;
  }

  /** The messages with exactly this text. */
  message(text: string): Locator {
    return this.said.and(this.page.getByText(text, { exact: true }));
  }

  /** The row of the message with this text: its author, its time and its text. */
  row(text: string): Locator {
    return this.page.locator('.message', { has: this.page.getByText(text, { exact: true }) });
  }

  /** What the author of the message with this text is called. */
  async authorOf(text: string): Promise<string> {
    return this.row(text).locator('.message-author').innerText();
  }

  /** Writes a text and sends it with the button. */
  async say(text: string): Promise<void> {
    await this.input.fill(text);
    await this.button.click();
    await expect(this.input).toHaveValue('');
  }

  /** The place of the message with exactly this text, when it has one. */
  async placeOf(text: string): Promise<number> {
    await expect(this.message(text)).toHaveCount(1);
    return Number(await this.row(text).getAttribute('data-seq'));
  }

  /** The row of the message at this place in its room. */
  at(seq: number): Locator {
    return this.page.locator(`#m${seq}`);
  }

  /** Opens the menu of a message, named by its text or by its row. */
  async openMenu(of: string | Locator): Promise<Locator> {
    const row = typeof of === 'string' ? this.row(of) : of;
    await row.hover();
    await row.getByRole('button', { name: ko.message_menu }).click();
    const menu = this.page.getByRole('menu');
    await expect(menu).toBeVisible();
    return menu;
  }

  /** Chooses something from the menu of a message. */
  async choose(of: string | Locator, item: string): Promise<void> {
    const menu = await this.openMenu(of);
    await menu.getByRole('menuitem', { name: item, exact: true }).click();
    await expect(menu).toBeHidden();
  }

  /** Says what one is called, where the page asks for it. */
  async nameSelf(name: string): Promise<void> {
    const form = this.page.locator('form.naming');
    await form.getByRole('textbox').fill(name);
    await form.getByRole('button').click();
    await expect(form).toBeHidden();
  }

  /** Opens the list of rooms, where it is not beside the chat. */
  async openRooms(): Promise<Locator> {
    const button = this.page.getByRole('button', { name: ko.rooms });
    if (await button.isVisible()) await button.click();
    const list = this.page.getByRole('navigation', { name: ko.rooms });
    await expect(list).toBeVisible();
    return list;
  }

  /** Opens the list of people, where it is not beside the chat. */
  async openPeople(): Promise<Locator> {
    const button = this.page.getByRole('button', { name: ko.people });
    if (await button.isVisible()) await button.click();
    const list = this.page.getByRole('complementary', { name: ko.people });
    await expect(list).toBeVisible();
    return list;
  }

  /** Waits until this text is shown, once. */
  async hears(text: string): Promise<void> {
    await expect(this.message(text)).toHaveCount(1);
    await expect(this.message(text)).toBeVisible();
  }

  /** Waits until exactly these texts were said, in this order. */
  async hasHeard(texts: string[]): Promise<void> {
    await expect(this.said).toHaveText(texts);
  }

  /** Whether the message with this text is marked as one's own: it stands at the right. */
  async isOwn(text: string): Promise<boolean> {
    const [bubble, log] = await Promise.all([this.message(text).boundingBox(), this.log.boundingBox()]);
    if (!bubble || !log) throw new Error(`“${text}” is not on the page`);
    const left = bubble.x - log.x;
    const right = log.x + log.width - (bubble.x + bubble.width);
    return right < left;
  }
}
