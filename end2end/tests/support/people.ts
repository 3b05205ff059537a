/** Who is in a room, as its page shows them. */

import { expect, type Locator } from '@playwright/test';

import type { Chat } from './chat.ts';
import { PlainClient, Program } from './program.ts';
import type { Server } from './server.ts';
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

/** More people than a page is told the names of. */
export const CROWD = 52;

/** Names of some of a crowd, in the order in which they come. */
export const CROWD_NAMES = ['Zoe', '다은', '가람', 'Émile'];

/** So many people come into the lobby, one after another: first those with a name, then guests. */
export async function crowd(server: Server, size: number = CROWD): Promise<PlainClient[]> {
  const clients: PlainClient[] = [];
  for (let number = 0; number < size; number += 1) {
    const name = CROWD_NAMES[number];
    if (name === undefined) {
      clients.push(await PlainClient.connect(server.socketUrl));
    } else {
      const program = await Program.introduce(server);
      await program.isCalled(name);
      clients.push(await program.comes());
    }
  }
  return clients;
}

/** The list of people says that there is a crowd: how many the page takes it to be. */
export async function crowdSize(chat: Chat): Promise<number> {
  const title = await chat.page.locator('.people-now .people-title span').textContent();
  return Number(title);
}
