/** What a timeline shows, in a form that two pages can be compared by. */

import type { Chat } from './chat.ts';

/** A row as it is shown. */
export interface ShownRow {
  text: string;
  isEdited: boolean;
  /** The text of what it answers. */
  quote?: string;
  /** Each with how many people have put it there. */
  reactions: string[];
}

/** The rows of a page, those on their way left out. */
export async function rowsOf(chat: Chat): Promise<ShownRow[]> {
  return chat.page.locator('.message:not(.message-pending)').evaluateAll((rows) =>
    rows.map((row) => {
      const quote = row.querySelector('.message-quote')?.lastChild?.textContent?.trim();
      return {
        text: row.querySelector('.message-text')?.textContent ?? '',
        isEdited: row.querySelector('.message-edited') !== null,
        ...(quote === undefined ? {} : { quote }),
        reactions: [...row.querySelectorAll('.reaction')].map((reaction) => reaction.textContent ?? ''),
      };
    }),
  );
}
