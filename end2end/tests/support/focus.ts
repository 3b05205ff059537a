/** Where the focus is, and how it is moved by keyboard. */

import { expect, type Locator, type Page } from '@playwright/test';

import type { Chat } from './chat.ts';

/** Some element has the focus, not the page as a whole: there the next key or a screen reader goes on. */
export async function focusIsSomewhere(page: Page): Promise<void> {
  // Whatever moves it is over when two frames have been drawn.
  const where = await page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    const active = document.activeElement;
    return active instanceof HTMLElement && active !== document.body ? 'somewhere' : 'nowhere';
  });
  expect(where, 'the focus').toBe('somewhere');
}

/** A message's row, once it can have the focus. */
export function rowOf(chat: Chat, text: string): Locator {
  return chat.row(text).and(chat.page.locator('[data-seq]:not([data-seq="0"])'));
}

/** Goes from the input back to the timeline, and up to the last message in it. */
export async function toTimeline(chat: Chat): Promise<void> {
  await chat.input.focus();
  await expect(async () => {
    await chat.page.keyboard.press('Shift+Tab');
    await expect(chat.timeline).toBeFocused({ timeout: 100 });
  }).toPass();
  await chat.page.keyboard.press('ArrowUp');
}

/** Goes to a message. */
export async function toRow(chat: Chat, text: string): Promise<Locator> {
  await toTimeline(chat);
  const wanted = rowOf(chat, text);
  const count = await chat.said.count();
  for (let steps = 0; steps < count; steps += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return wanted;
    await chat.page.keyboard.press('ArrowUp');
  }
  await expect(wanted).toBeFocused();
  return wanted;
}

/** A conversation of three messages, of which the second is one's own; the focus is in the input. */
export async function conversation(chat: Chat, program: { say(texts: string[]): Promise<number[]> }): Promise<void> {
  await program.say(['남의 첫 말']);
  await chat.hears('남의 첫 말');
  await chat.say('내 말');
  await chat.hears('내 말');
  await program.say(['남의 끝 말']);
  await chat.hears('남의 끝 말');
}
