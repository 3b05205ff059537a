/** What one has written looks at once as it will when the server has it: its marks, and its height. */

import type { Page } from '@playwright/test';

import { type Chat, CONNECTION_LOST, expect, test } from './support/madang.ts';
import type { Program } from './support/program.ts';
import { ko } from './support/words.ts';

/** Each with marks or without: how it looks is asked of the page, before and after. */
const SAMPLES = [
  '**굵게** *기울게* ~~지운 것~~',
  '```rust\nfn main() {}\n```',
  '이거 ```SELECT *\nFROM t;``` 맞아?',
  '> 인용한 말\n제 말은 이거예요',
  '- 첫째 것\n- 둘째 것\n\n1. 하나\n2. 둘',
  '[여기](https://example.com/가?나=1)에 있어요',
  'https://example.org/맨주소 www.example.org #개발 me@example.org',
  '👍',
  '🎉 👨‍👩‍👧 ❤️',
  '이모지 🎉 하나',
  ':-) ^_^ *^^* ㅠ_ㅠ ¯\\_(ツ)_/¯',
  'C:\\_temp\\_logs /etc/__init__.py a_b_c 2*3*4',
  '@김하나 안녕, @모르는사람도',
  '<b>글</b> &amp; "따옴표"',
  '  들여 쓴 말\n\n\n끝',
  '아무것도 없는 말',
];

/** How a message looks, on its way or not: its HTML, and the heights of its text and of its row. */
interface Look {
  html: string;
  text: number;
  row: number;
}

/** How the last messages look. */
async function looks(page: Page, count: number): Promise<Look[]> {
  return page.locator('.message').evaluateAll(
    (rows, last) =>
      rows.slice(-last).map((row) => {
        const text = row.querySelector('.message-text');
        return { html: text?.innerHTML ?? '', text: text?.clientHeight ?? 0, row: row.clientHeight };
      }),
    count,
  );
}

/** The addresses of the markup's files that were asked for. */
function asked(page: Page): string[] {
  const addresses: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('.marks.')) addresses.push(request.url());
  });
  return addresses;
}

/** Writes marks, without sending them, and waits until the page knows what becomes of them. */
async function learn(chat: Chat): Promise<void> {
  await chat.input.pressSequentially('*');
  await expect.poll(() => chat.page.evaluate(() => (window as { marks?: { ready?: boolean } }).marks?.ready)).toBe(true);
  await chat.input.fill('');
}

async function namedPerson(program: Program): Promise<void> {
  await program.isCalled('김하나');
  await program.say(['제 이름은 김하나예요']);
}

test.use({ serverFlags: ['--post-rate', '0'] });

test('what is written while the server is away is drawn with its marks, and looks the same when the server has it', async ({
  person,
  program,
  quiet,
  relay,
}) => {
  quiet.expect(CONNECTION_LOST);
  await namedPerson(program);
  const chat = await person({ baseURL: relay.url });
  await chat.hears('제 이름은 김하나예요');
  await learn(chat);
  relay.down();
  await expect(chat.status).not.toHaveText('');
  for (const sample of SAMPLES) await chat.say(sample);
  await expect(chat.pending).toHaveCount(SAMPLES.length);
  const before = await looks(chat.page, SAMPLES.length);
  relay.up();
  await chat.page.evaluate(() => dispatchEvent(new Event('online')));
  await expect(chat.said).toHaveCount(SAMPLES.length + 1);
  await expect(chat.pending).toHaveCount(0);
  const after = await looks(chat.page, SAMPLES.length);
  const shown = ({ html, text }: Look) => ({ html, text });
  expect(before.map(shown)).toEqual(after.map(shown));
  await expect(chat.said.locator('strong')).toHaveText(['굵게']);
});

test('a message that is on its way is as high as it is when it has come', async ({ chat, program }) => {
  await namedPerson(program);
  await chat.hears('제 이름은 김하나예요');
  await learn(chat);
  // What the row was when it came first, and what it is in the end.
  await chat.page.evaluate(() => {
    const heights: [string, number][] = [];
    Object.assign(window, { heights });
    const note = () => {
      for (const row of document.querySelectorAll('.message-pending')) {
        heights.push([row.querySelector('.message-text')?.innerHTML ?? '', row.clientHeight]);
      }
    };
    new MutationObserver(note).observe(document.querySelector('.messages') as Element, { childList: true, subtree: true });
  });
  for (const [number, sample] of SAMPLES.entries()) {
    await chat.say(sample);
    await expect(chat.said).toHaveCount(number + 2);
    await expect(chat.pending).toHaveCount(0);
    const [after] = await looks(chat.page, 1);
    const before = await chat.page.evaluate(() => (window as unknown as { heights: [string, number][] }).heights.splice(0));
    for (const seen of before) expect(seen, sample).toEqual([after?.html, after?.row]);
    expect(before.length, sample).toBeGreaterThan(0);
  }
});

test('what is being edited is drawn with its marks while the server is away', async ({ person, quiet, relay }) => {
  quiet.expect(CONNECTION_LOST);
  const chat = await person({ baseURL: relay.url });
  await chat.say('처음 말');
  await expect(chat.said).toHaveText(['처음 말']);
  await learn(chat);
  relay.down();
  await expect(chat.status).not.toHaveText('');
  await chat.choose('처음 말', ko.page.edit);
  await chat.input.fill('고친 **말**\n> 인용');
  await chat.input.press('Enter');
  await expect(chat.said.locator('strong')).toHaveText('말');
  await expect(chat.said.locator('blockquote')).toHaveText('인용');
  const before = await looks(chat.page, 1);
  relay.up();
  await chat.page.evaluate(() => dispatchEvent(new Event('online')));
  await expect.poll(async () => (await fetch(`${relay.url}/api/v1/rooms/lobby/messages`)).text()).toContain('고친');
  expect(await looks(chat.page, 1)).toEqual(before);
});

test('a message that waits since before a reload is drawn with its marks', async ({ person, quiet, relay }) => {
  quiet.expect(CONNECTION_LOST);
  const chat = await person({ baseURL: relay.url });
  // Pages and files come, commands do not.
  await chat.page.route('**/api/v1/**', (route) => route.abort());
  await chat.page.routeWebSocket('**/*', (socket) => socket.close());
  relay.cut();
  await expect(chat.status).not.toHaveText('');
  await chat.say('**기다리는** 말');
  await expect(chat.pending.locator('strong')).toHaveText('기다리는');
  await chat.page.reload();
  await expect(chat.pending.locator('strong')).toHaveText('기다리는');
});

test('the markup is loaded when somebody writes marks, and not before', async ({ page, chat }) => {
  const addresses = asked(page);
  await chat.reload();
  await chat.input.pressSequentially('아무 표시 없는 말이에요. 네, 정말요!');
  await chat.input.press('Enter');
  await expect(chat.said).toHaveCount(1);
  expect(addresses).toEqual([]);
  await learn(chat);
  expect(addresses.map((address) => address.split('.').pop()).toSorted()).toEqual(['js', 'wasm']);
  await chat.say('**한 번** 더');
  await expect(chat.said.locator('strong')).toHaveCount(1);
  expect(addresses).toHaveLength(2);
});

test('where the markup does not come, what is written is shown as it was typed, and then as the server has it', async ({
  chat,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  await chat.page.route('**/*.marks.*', (route) => route.abort());
  await chat.page.evaluate(() => {
    new MutationObserver(() => {
      const text = document.querySelector('.message-pending .message-text')?.innerHTML;
      if (text !== undefined) document.documentElement.dataset.seen = text;
    }).observe(document.querySelector('.messages') as Element, { childList: true });
  });
  await chat.say('**굵게**');
  await expect(chat.said.locator('strong')).toHaveText('굵게');
  await expect(chat.page.locator('html')).toHaveAttribute('data-seen', '**굵게**');
});

test('nothing that is written becomes HTML of its own while it is on its way', async ({ person, quiet, relay }) => {
  quiet.expect(CONNECTION_LOST);
  const chat = await person({ baseURL: relay.url });
  await learn(chat);
  relay.down();
  await expect(chat.status).not.toHaveText('');
  await chat.say('**별** <img src=x onerror="document.title=1"> [누르지](javascript:alert(1)) @<b>');
  await expect(chat.pending.locator('strong')).toHaveText('별');
  await expect(chat.pending.locator('img, b, a')).toHaveCount(0);
  await expect(chat.pending).toContainText('<img src=x onerror="document.title=1">');
});
