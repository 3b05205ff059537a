/** Who is in a room, as its page shows them. */

import { expect, type Locator } from '@playwright/test';

import type { Chat } from './chat.ts';
import { ko } from './words.ts';

/** The line that says who is typing. */
export function typing(chat: Chat): Locator {
  return chat.page.locator('.typing');
}

/** The names in the list of people. The list has them whether it is open or not. */
export function here(chat: Chat): Locator {
  return chat.page.locator('.people .person-name');
}

/** Opens the settings from the list of people, with the focus in the field of one’s own name. */
export async function openOwnName(chat: Chat): Promise<Locator> {
  const people = await chat.openPeople();
  await people.getByRole('button', { name: ko.change_name }).click();
  const input = chat.page.locator('#settings').getByLabel(ko.page.your_name);
  await expect(input).toBeVisible();
  await expect(input).toBeFocused();
  return input;
}
