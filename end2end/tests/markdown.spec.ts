/** The Markdown of messages: how it looks, how it is copied, and that no HTML comes of it. */

import type { Locator } from '@playwright/test';

import { expect, test } from './support/madang.ts';
import { paste } from './support/copied.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

const CODE = 'fn main() {\n\tprintln!("안녕 <b> & **~**");\n\n    // 끝\n}';
const MARKED = [
  '**굵게** *기울게* ~~지운 것~~ `한 줄 <코드>`',
  '> 인용한 말',
  '- 첫째 것\n- 둘째 것',
  '3. 셋째 것',
  '[이름 있는 링크](https://example.com/가?나=1) https://example.org/맨주소에서',
  `\`\`\`rust\n${CODE}\n\`\`\``,
].join('\n');
/** Texts with HTML in them, some of them with marks too, so that the server makes HTML of them. */
const NOT_HTML = [
  '<b>진하게</b>',
  '<img src=x onerror="document.title=\'당했다\'">',
  '<script>document.title=\'당했다\'</script>',
  '&lt;i&gt; &amp; &#60;b>',
  '**별** <u onmouseover="document.title=\'당했다\'">밑줄</u>',
  '`a` <iframe src="/rooms/개발"></iframe>',
  '*a* [누르지 마세요](javascript:alert(1))',
  '</div></li></ol><form action="/me/name"><input name="name"></form>',
];

/** Everything of the Markdown subset looks as it should, in this row. */
async function expectMarked(row: Locator): Promise<void> {
  const style = (selector: string, property: string) =>
    row.locator(selector).first().evaluate((it, name) => getComputedStyle(it).getPropertyValue(name), property);
  await expect(row.locator('strong')).toHaveText('굵게');
  expect(Number(await style('strong', 'font-weight'))).toBeGreaterThanOrEqual(600);
  await expect(row.locator('em')).toHaveText('기울게');
  expect(await style('em', 'font-style')).toBe('italic');
  await expect(row.locator('del')).toHaveText('지운 것');
  expect(await style('del', 'text-decoration-line')).toBe('line-through');
  await expect(row.locator('code').first()).toHaveText('한 줄 <코드>');
  expect(await style('code', 'font-family')).toMatch(/mono/i);
  await expect(row.locator('blockquote')).toHaveText('인용한 말');
  expect(Number.parseFloat(await style('blockquote', 'border-inline-start-width'))).toBeGreaterThan(0);
  await expect(row.locator('ul > li')).toHaveText(['첫째 것', '둘째 것']);
  expect(await style('ul', 'list-style-type')).toBe('disc');
  await expect(row.locator('ol')).toHaveAttribute('start', '3');
  expect(await style('ol', 'list-style-type')).toBe('decimal');
  const named = row.getByRole('link', { name: '이름 있는 링크' });
  const links = [
    [named, 'https://example.com/가?나=1'],
    [row.getByRole('link', { name: 'https://example.org/맨주소에서' }), 'https://example.org/맨주소에서'],
  ] as const;
  for (const [link, address] of links) {
    await expect(link).toHaveAttribute('href', address);
    await expect(link).toHaveAttribute('target', '_blank');
    await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  }
  expect(await row.locator('pre').evaluate((pre) => pre.textContent)).toBe(CODE);
  expect(await style('pre code', 'white-space')).toBe('pre');
  // None of the marks is left.
  await expect(row.locator('.message-text')).not.toContainText('```');
}

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('the Markdown subset looks as it should, live, after a reload, without a script, and in the history', async ({
      browser,
      baseURL,
      madang,
      person,
      program,
    }) => {
      const chat = await person();
      const [seq = 0] = await program.say([MARKED]);
      await expectMarked(chat.at(seq));
      await chat.reload();
      await expectMarked(chat.at(seq));

      const scriptless = await browser.newContext({ baseURL: baseURL ?? madang.url, javaScriptEnabled: false });
      const page = await scriptless.newPage();
      await page.goto('/');
      await expectMarked(page.locator(`#m${seq}`));
      await scriptless.close();

      await program.say(Array.from({ length: 80 }, (_, number) => `${number}번째 말`));
      await chat.hears('79번째 말');
      await chat.reload();
      await expect(chat.at(seq)).toHaveCount(0);
      await expect(async () => {
        await chat.timeline.hover();
        await chat.page.mouse.wheel(0, -3_000);
        await expect(chat.at(seq)).toBeInViewport({ timeout: 300 });
      }).toPass();
      await expectMarked(chat.at(seq));
    });

    test('one writes it, and everybody sees it, with its lines as they were written', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('**여기**를 보세요\n\n  둘째 문단은 `코드`');
      for (const one of [mina, juno]) {
        await expect(one.said).toHaveCount(1);
        await expect(one.said.locator('strong')).toHaveText('여기');
        expect(await one.said.innerText()).toBe('여기를 보세요\n\n  둘째 문단은 코드');
      }
    });

    test('HTML in a text, in a name and in a topic stays text, and no element is made of it', async ({
      person,
      program,
    }) => {
      const NAME = '<img src=x onerror=alert(1)>';
      await program.isCalled(NAME);
      const chat = await person();
      const seqs = await program.say(NOT_HTML);
      // What answers it shows it once more.
      await program.ask(seqs.map((replyTo) => ({ type: 'post', room: 'lobby', message: '답', replyTo })));
      await program.ask([
        { type: 'react', room: 'lobby', target: seqs[0], emoji: '👍', on: true },
        { type: 'topic', room: 'lobby', topic: '<b>주제</b>' },
      ]);
      const look = async () => {
        await expect(chat.said).toHaveCount(2 * NOT_HTML.length);
        await expect(chat.page.locator('.heading-topic')).toHaveText('<b>주제</b>');
        for (const [index, text] of NOT_HTML.entries()) {
          const row = chat.at(seqs[index] ?? 0);
          // The marks go, all else stays.
          const shown = text.replace('**별**', '별').replace('`a`', 'a').replace('*a*', 'a');
          expect(await row.locator('.message-text').evaluate((it) => it.textContent)).toBe(shown);
          await expect(row.locator('.message-author')).toHaveText(NAME);
          const quote = chat.page.locator('.message-quote').nth(index);
          await expect(quote).toContainText(`${NAME} ${shown}`.slice(0, 80));
        }
        const made = chat.page.locator('#app').locator('img, script, iframe, u, i, .message input, .message form');
        await expect(made).toHaveCount(0);
        const links = '.messages a:not(.message-quote, .message-name, .avatar), .message-text a, .messages [onmouseover]';
        await expect(chat.page.locator(links)).toHaveCount(0);
        // A name leads to the card of whoever has it, whatever it says.
        const cards = await chat.page
          .locator('.messages :is(.message-name, .avatar)')
          .evaluateAll((names) => [...new Set(names.map((it) => it.getAttribute('href')))]);
        expect(cards).toEqual([expect.stringMatching(/^\/people\/lobby\/[0-9a-f-]{36}$/)]);
        expect(await chat.page.title()).not.toContain('당했다');
      };
      await look();
      await chat.reload();
      await look();
      // Nor in what the server draws: who has read it, what it said before.
      await chat.choose(chat.at(seqs[0] ?? 0), ko.page.who_read);
      await expect(chat.page.getByRole('dialog')).toBeVisible();
      await expect(chat.page.getByRole('dialog').locator('img, b')).toHaveCount(0);
    });

    test('the button of a block of code copies exactly the code', async ({ person, program }) => {
      const chat = await person();
      const [seq = 0] = await program.say([MARKED]);
      const block = chat.at(seq).locator('.code');
      await block.getByRole('button', { name: ko.copy_code }).click();
      await expect(chat.page.getByText(ko.copied).first()).toBeVisible();
      expect(await paste(chat)).toBe(CODE);
    });

    test('the text of a message is copied as it was written, and its link leads to it', async ({ person, program }) => {
      await program.say(Array.from({ length: 30 }, (_, number) => `${number}번째 말`));
      const [seq = 0] = await program.say([MARKED]);
      await program.say(Array.from({ length: 30 }, (_, number) => `또 ${number}번째 말`));
      const chat = await person();
      await chat.choose(chat.at(seq), ko.page.copy_text);
      expect(await paste(chat)).toBe(MARKED);
      await chat.choose(chat.at(seq), ko.page.copy_link);
      const link = await paste(chat);
      expect(link).toBe(`${new URL(chat.page.url()).origin}/rooms/lobby/${seq}`);
      const juno = await person();
      await juno.page.goto(link);
      await expect(juno.at(seq)).toBeInViewport();
    });
  });
}

test('faces, paths and products are shown as they were written', async ({ person }) => {
  const chat = await person();
  for (const text of ['*^^*', '¯\\_(ツ)_/¯', '__init__.py', '가로*세로*높이', 'C:\\_new\\*']) {
    await chat.say(text);
    await expect(chat.said.last()).toHaveText(text);
    await expect(chat.said.last().locator('em, strong')).toHaveCount(0);
  }
});

test('an address of a room or message here is shown by its name and followed in the page', async ({
  person,
  program,
}) => {
  const chat = await person();
  const origin = new URL(chat.page.url()).origin;
  const room = encodeURIComponent('개발');
  await program.ask([{ type: 'post', room: '개발', message: '첫 글' }]);
  const [seq = 0] = await program.say([`${origin}/rooms/${room}/1 그리고 ${origin}/rooms/${room} 또 #개발 https://example.com/rooms/a`]);
  const expected = ['#개발 › 1', '#개발', '#개발', 'https://example.com/rooms/a'];
  await expect(chat.at(seq).locator('.message-text').getByRole('link')).toHaveText(expected);
  await chat.reload();
  await expect(chat.at(seq).locator('.message-text').getByRole('link')).toHaveText(expected);
  const pages = chat.page.context().pages().length;
  await chat.at(seq).getByRole('link', { name: '#개발 › 1' }).click();
  await expect(chat.page).toHaveURL(`${origin}/rooms/${room}/1`);
  await chat.hears('첫 글');
  expect(chat.page.context().pages()).toHaveLength(pages);
});

test('marks piled on letters are not painted over other rows, and text from the right begins there', async ({
  person,
  program,
}) => {
  const chat = await person();
  const [piled = 0, hebrew = 0] = await program.say([`a${'\u0301'.repeat(40)} b${'\u0323'.repeat(40)}`, '- שלום\n- עולם']);
  const style = (seq: number, selector: string, property: string) =>
    chat.at(seq).locator(selector).first().evaluate((it, name) => getComputedStyle(it).getPropertyValue(name), property);
  await expect(chat.at(piled)).toBeVisible();
  expect(await style(piled, '.message-text', 'overflow-y')).toBe('clip');
  await expect(chat.at(hebrew).locator('ul')).toHaveCSS('direction', 'rtl');
  await chat.input.fill('שלום');
  await expect(chat.input).toHaveCSS('direction', 'rtl');
  await chat.input.fill('안녕');
  await expect(chat.input).toHaveCSS('direction', 'ltr');
});

test('a message of a few pictures is larger than a text', async ({ person }) => {
  const chat = await person();
  await chat.say('👍🎉');
  await expect(chat.said.last().locator('.pictures')).toHaveCSS('font-size', '40px');
});
