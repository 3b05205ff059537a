/** What a person does on the page, in the words of the page. */

import type { Server } from '../tests/support/server.ts';
import { KEYS, type Tab } from './tab.ts';

const INPUT = '.composer-input';

/** Opens a room, the lobby if none is named, and waits until the page is alive. */
export async function enter(tab: Tab, madang: Server, room?: string): Promise<void> {
  await tab.goto(room === undefined ? madang.url : `${madang.url}/rooms/${encodeURIComponent(room)}`);
  await tab.until('the page is connected', () => (document.querySelector('.heading-line')?.getAttribute('title') ?? '') !== '');
}

/** Writes into the input. */
export async function write(tab: Tab, text: string): Promise<void> {
  await tab.click(INPUT);
  await tab.type(text);
}

/** Writes a text, sends it, and waits until it is on the server's disk. */
export async function say(tab: Tab, text: string): Promise<void> {
  await write(tab, text);
  await tab.click('.composer-send');
  await hears(tab, text);
  await tab.until('the input is empty', (input) => (document.querySelector(input) as HTMLTextAreaElement).value === '', INPUT);
}

/** Waits until this text is shown, once, and is on the server's disk. */
export async function hears(tab: Tab, text: string): Promise<void> {
  await tab.until(`“${text}” is shown once`, (text) => {
    const texts = [...document.querySelectorAll('.message:not(.message-pending) .message-text')];
    return texts.filter((element) => element.textContent?.trim() === text).length === 1;
  }, text);
}

/** A selector for the row with this text. */
export async function row(tab: Tab, text: string): Promise<string> {
  await hears(tab, text);
  const seq = await tab.evaluate((text) => {
    const rows = [...document.querySelectorAll<HTMLElement>('.message')];
    return rows.find((row) => row.querySelector('.message-text')?.textContent?.trim() === text)?.dataset.seq ?? '';
  }, text);
  return `#m${seq}`;
}

/** Opens the menu of the message with this text. */
export async function openMenu(tab: Tab, text: string): Promise<void> {
  const of = await row(tab, text);
  await tab.point(`${of} .message-text`);
  await tab.click(`${of} [data-act="menu"]`);
  await tab.shows('#menu');
}

/** Chooses something from the menu of a message. */
export async function choose(tab: Tab, text: string, act: string): Promise<void> {
  await openMenu(tab, text);
  await tab.click(`#menu [data-act="${act}"]`);
  await tab.shows('#menu', 0);
}

/** Replaces what stands in the input, and sends it. */
export async function rewrite(tab: Tab, text: string): Promise<void> {
  await tab.click(INPUT);
  await tab.evaluate((input) => (document.querySelector(input) as HTMLTextAreaElement).select(), INPUT);
  await tab.type(text);
  await tab.press(KEYS.Enter);
}
