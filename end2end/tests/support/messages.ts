/** What is done with a message by its menu. */

import { expect, type Locator } from '@playwright/test';

import type { Chat } from './chat.ts';
import { ko } from './words.ts';

/** Reacts to a message with one of the emoji in its menu. */
export async function react(chat: Chat, of: string | Locator, emoji: string): Promise<void> {
  const menu = await chat.openMenu(of);
  await menu.locator(`[data-emoji="${emoji}"]`).click();
  await expect(menu).toBeHidden();
}

/** Edits one's own message. */
export async function edit(chat: Chat, of: string | Locator, text: string): Promise<void> {
  await chat.choose(of, ko.page.edit);
  await expect(chat.input).toBeFocused();
  await chat.input.fill(text);
  await chat.page.getByRole('button', { name: ko.save }).click();
  await expect(chat.input).toHaveValue('');
}

/** Deletes one's own message. */
export async function deleteMessage(chat: Chat, of: string | Locator): Promise<void> {
  await chat.choose(of, ko.page.delete);
  const dialog = chat.page.getByRole('dialog', { name: ko.page.delete_this });
  await dialog.getByRole('button', { name: ko.page.delete }).click();
  await expect(dialog).toBeHidden();
}

/** Closes the dialog that is open. */
export async function closeDialog(chat: Chat): Promise<void> {
  await chat.page.getByRole('dialog').getByRole('button', { name: ko.page.close }).click();
  await expect(chat.page.getByRole('dialog')).toBeHidden();
}
