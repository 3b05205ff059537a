/** Pages without a script, and pages beside the chat; and what the reader's system asks for. */

import type { Cast } from '../cast.ts';
import type { State } from '../stage.ts';

async function talk({ mina, me, juno }: Cast): Promise<void> {
  const [seq] = await mina.say(['스크립트 없이도 읽을 수 있어요.', '**굵게**, `코드`, [링크](https://example.com/)']);
  await me.reply(seq, '쓸 수도 있고요.');
  await juno.react(seq, ['👍']);
  await me.react(seq, ['👍']);
  await me.follows('산책');
  await me.ask({ type: 'topic', room: '산책', topic: '주말마다 한 시간씩' });
  await mina.say('다음 주에 봐요', '산책');
}

export const PAGES: State[] = [
  {
    name: 'without-javascript',
    options: { javaScriptEnabled: false },
    before: talk,
    draw: ({ page }) => page.goto('/'),
  },
  {
    name: 'without-javascript-nameless',
    isNameless: true,
    options: { javaScriptEnabled: false },
    before: talk,
    draw: ({ page }) => page.goto('/'),
  },
  {
    name: 'page-rooms',
    options: { javaScriptEnabled: false },
    before: talk,
    draw: ({ page }) => page.goto('/rooms'),
  },
  {
    name: 'page-rooms-new',
    options: { javaScriptEnabled: false },
    before: talk,
    draw: ({ page }) => page.goto(`/rooms?find=${encodeURIComponent('새-방')}`),
  },
  { name: 'not-found', draw: ({ page }) => page.goto('/nothing/here') },
  { name: 'not-a-room', draw: ({ page }) => page.goto(`/rooms/${encodeURIComponent('Not A Room')}`) },
  {
    name: 'forced-colors',
    options: { forcedColors: 'active' },
    before: talk,
    draw: (stage) => stage.open().then(() => stage.settle()),
  },
  {
    name: 'forced-colors-menu',
    options: { forcedColors: 'active' },
    before: talk,
    draw: (stage) => stage.open().then(() => stage.menu(0)),
  },
];
