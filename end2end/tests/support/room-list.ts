/** The list of rooms, and what is done with it. */

import { expect, type Locator } from '@playwright/test';

import type { Chat } from './chat.ts';
import { ko } from './words.ts';

/** The address of a room in the page's location. */
export function address(room: string): string {
  return `/rooms/${encodeURIComponent(room)}`;
}

/** A room in the list, which is in the page whether it is open or not. */
export function roomLink(chat: Chat, name: string): Locator {
  return chat.page.locator('.rooms-link', { hasText: `# ${name}` });
}

/** How much is unread in a room, as the list says it. */
export function unread(chat: Chat, name: string): Locator {
  return roomLink(chat, name).locator('.rooms-unread > [aria-hidden]');
}

/** Goes to a room by the list. */
export async function enter(chat: Chat, name: string): Promise<void> {
  const list = await chat.openRooms();
  await list.getByRole('link', { name: `# ${name}` }).click();
  await expect(roomLink(chat, name)).toHaveAttribute('aria-current', 'page');
}

/** Makes one a follower of these rooms, who has read all that is in them, and goes back to the lobby. */
export async function follow(chat: Chat, ...names: string[]): Promise<void> {
  for (const name of names) {
    await chat.open(name);
    await chat.say(`${name}에 왔어요`);
    await chat.hears(`${name}에 왔어요`);
  }
  await chat.open();
  for (const name of names) await expect(roomLink(chat, name)).toHaveCount(1);
}

/** Opens the list to look for a room. */
export async function openFinder(chat: Chat): Promise<Locator> {
  const list = await chat.openRooms();
  await list.getByRole('link', { name: ko.find_rooms }).click();
  const dialog = chat.page.getByRole('dialog', { name: ko.page.find_rooms });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('searchbox')).toBeFocused();
  return dialog;
}
