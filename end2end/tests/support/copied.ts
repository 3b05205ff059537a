/** What was copied, as a person finds out: by pasting it. */

import type { Chat } from './chat.ts';

/** Pastes into the input and reads what then stands there. What stood there before goes. */
export async function paste(chat: Chat): Promise<string> {
  await chat.input.fill('');
  await chat.input.press('ControlOrMeta+V');
  const text = await chat.input.inputValue();
  await chat.input.fill('');
  return text;
}
