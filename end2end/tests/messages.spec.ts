/** What messages look like, and what can be done with them. */

import type { Locator } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { paste } from './support/copied.ts';
import { rowsOf } from './support/rows.ts';
import { SIZES } from './support/sizes.ts';
import { EMOJI_NAMES, fill, ko } from './support/words.ts';

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

test.use({ serverFlags: ['--post-rate', '0'] });

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

/** What a person's reaction to a message is called, with how many they are. */
function reaction(row: Locator, emoji: string): Locator {
  return row.locator(`.reaction[data-emoji="${emoji}"]`);
}

/** Puts one of the emoji to a message that are one press away. */
async function react(chat: Chat, of: string | Locator, emoji: string): Promise<void> {
  const menu = await chat.openMenu(of);
  await menu.locator(`[data-emoji="${emoji}"]`).click();
  await expect(menu).toBeHidden();
}

/** Changes one of one's own texts. */
async function edit(chat: Chat, of: string | Locator, text: string): Promise<void> {
  await chat.choose(of, ko.page.edit);
  await expect(chat.input).toBeFocused();
  await chat.input.fill(text);
  await chat.page.getByRole('button', { name: ko.save }).click();
  await expect(chat.input).toHaveValue('');
}

/** Takes one of one's own messages back. */
async function takeBack(chat: Chat, of: string | Locator): Promise<void> {
  await chat.choose(of, ko.page.delete);
  const dialog = chat.page.getByRole('dialog', { name: ko.page.delete_this });
  await dialog.getByRole('button', { name: ko.page.delete }).click();
  await expect(dialog).toBeHidden();
}

async function closeDialog(chat: Chat): Promise<void> {
  await chat.page.getByRole('dialog').getByRole('button', { name: ko.page.close }).click();
  await expect(chat.page.getByRole('dialog')).toBeHidden();
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
          await expect(quote).toContainText(`${NAME} ${text}`.slice(0, 80));
        }
        const made = chat.page.locator('#app').locator('img, script, iframe, u, i, .message input, .message form');
        await expect(made).toHaveCount(0);
        await expect(chat.page.locator('.messages a:not(.message-quote), .messages [onmouseover]')).toHaveCount(0);
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

    test('one changes what one has said: everybody sees it, that it was changed, and what it said before', async ({
      person,
    }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('처음 글');
      await juno.hears('처음 글');
      await expect(juno.page.locator('.message-edited')).toHaveCount(0);
      const seq = await mina.placeOf('처음 글');
      let before = '처음 글';
      for (const text of ['**둘째** 글', '셋째 글']) {
        await mina.choose(mina.at(seq), ko.page.edit);
        await expect(mina.input).toHaveValue(before);
        await mina.input.fill(text);
        await mina.page.getByRole('button', { name: ko.save }).click();
        await expect(mina.input).toHaveValue('');
        for (const one of [mina, juno]) await expect(one.at(seq).locator('.message-text')).toHaveText(text.replaceAll('*', ''));
        before = text;
      }
      await expect(mina.button).toHaveText(ko.send);
      const shown = [{ text: '셋째 글', isEdited: true, reactions: [] }];
      for (const one of [mina, juno]) await expect.poll(() => rowsOf(one)).toEqual(shown);
      await juno.reload();
      await expect.poll(() => rowsOf(juno)).toEqual(shown);
      await juno.choose(juno.at(seq), ko.page.former_texts);
      const dialog = juno.page.getByRole('dialog', { name: ko.page.former_texts });
      await expect(dialog.locator('.message-text')).toHaveText(['처음 글', '둘째 글']);
      await expect(dialog.locator('strong')).toHaveText('둘째');
      await closeDialog(juno);
      // It is said only of what was changed.
      await mina.say('그대로인 글');
      await juno.hears('그대로인 글');
      const menu = await juno.openMenu('그대로인 글');
      await expect(menu.getByRole('menuitem', { name: ko.page.former_texts })).toBeHidden();
    });

    test('an edit that is given up changes nothing and gives back what was being written', async ({ chat }) => {
      await chat.say('그대로 둘 글');
      await chat.hears('그대로 둘 글');
      await chat.input.click();
      await chat.page.keyboard.type('쓰던 글');
      for (const giveUp of [
        () => chat.page.keyboard.press('Escape'),
        () => chat.page.locator('.intent').getByRole('button', { name: ko.cancel }).click(),
      ]) {
        await chat.choose('그대로 둘 글', ko.page.edit);
        await expect(chat.page.getByText(ko.editing)).toBeVisible();
        await chat.input.fill('바꾸려던 글');
        await giveUp();
        await expect(chat.page.getByText(ko.editing)).toBeHidden();
        await expect(chat.input).toHaveValue('쓰던 글');
      }
      await chat.input.fill('다음 글');
      await chat.button.click();
      await chat.hasHeard(['그대로 둘 글', '다음 글']);
      await expect(chat.page.locator('.message-edited')).toHaveCount(0);
    });

    test('what others have said can be neither changed nor deleted', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('미나의 말');
      await juno.hears('미나의 말');
      const own = await mina.openMenu('미나의 말');
      for (const item of [ko.page.edit, ko.page.delete]) {
        await expect(own.getByRole('menuitem', { name: item, exact: true })).toBeVisible();
      }
      const menu = await juno.openMenu('미나의 말');
      await expect(menu.getByRole('menuitem', { name: ko.page.reply })).toBeVisible();
      for (const item of [ko.page.edit, ko.page.delete]) {
        await expect(menu.getByRole('menuitem', { name: item, exact: true })).toBeHidden();
      }
      await juno.page.keyboard.press('Escape');
      await expect(menu).toBeHidden();
      // Nor with the keys for it, which work on one's own.
      const intent = juno.page.getByText(ko.editing);
      await juno.row('미나의 말').focus();
      await juno.page.keyboard.press('e');
      await juno.page.keyboard.press('Delete');
      await expect(intent).toBeHidden();
      await expect(juno.page.getByRole('dialog')).toBeHidden();
      await juno.say('주노의 말');
      await juno.hears('주노의 말');
      await juno.row('주노의 말').focus();
      await juno.page.keyboard.press('e');
      await expect(intent).toBeVisible();
      await juno.page.keyboard.press('Escape');
      await juno.row('주노의 말').focus();
      await juno.page.keyboard.press('Delete');
      await expect(juno.page.getByRole('dialog')).toBeVisible();
    });

    test('deleting asks first, leaves a mark where the text was, and leaves the text nowhere', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('잘못한 말');
      await mina.say('남을 말');
      await juno.hears('남을 말');
      await juno.choose('잘못한 말', ko.page.reply);
      await juno.say('그 말에 대한 답');
      await react(juno, juno.at(1), '👀');
      await expect(juno.page.locator('.reaction')).toHaveText(['👀 1']);
      await mina.hears('그 말에 대한 답');
      const seq = await mina.placeOf('잘못한 말');

      await mina.choose(mina.at(seq), ko.page.delete);
      const dialog = mina.page.getByRole('dialog', { name: ko.page.delete_this });
      await expect(dialog.getByRole('button', { name: ko.page.cancel })).toBeFocused();
      await dialog.getByRole('button', { name: ko.page.cancel }).click();
      await expect(dialog).toBeHidden();
      await mina.say('아직 있는 말');
      await juno.hears('아직 있는 말');
      for (const one of [mina, juno]) await expect(one.at(seq).locator('.message-text')).toHaveText('잘못한 말');

      await takeBack(mina, mina.at(seq));
      const shown = [
        { text: ko.deleted_message, isEdited: false, reactions: [] },
        { text: '남을 말', isEdited: false, reactions: [] },
        { text: '그 말에 대한 답', isEdited: false, quote: ko.deleted_message, reactions: [] },
        { text: '아직 있는 말', isEdited: false, reactions: [] },
      ];
      for (const one of [mina, juno]) {
        await expect.poll(() => rowsOf(one)).toEqual(shown);
        expect(await one.page.content()).not.toContain('잘못한 말');
        // There is nothing to be done with it any more.
        await expect(one.at(seq).getByRole('button')).toHaveCount(0);
      }
      for (const one of [mina, juno]) {
        await one.reload();
        await expect.poll(() => rowsOf(one)).toEqual(shown);
        expect(await one.page.content()).not.toContain('잘못한 말');
      }
      const history = await juno.page.request.get('/api/v1/rooms/lobby/messages');
      expect(await history.text()).not.toContain('잘못한 말');
    });

    test('an answer shows what it answers, and leads there', async ({ person, program }) => {
      await program.isCalled('하나');
      await program.say(['물어봅니다\n둘째 줄']);
      const [mina, juno] = [await person(), await person()];
      await mina.choose(mina.at(1), ko.page.reply);
      await expect(mina.page.getByText(fill(ko.replying_to, '하나'))).toBeVisible();
      await expect(mina.input).toBeFocused();
      await mina.say('대답합니다');
      await expect(mina.page.getByText(fill(ko.replying_to, '하나'))).toBeHidden();
      await juno.hears('대답합니다');
      for (const one of [mina, juno]) {
        const quote = one.row('대답합니다').locator('.message-quote');
        await expect(quote).toHaveText('하나 물어봅니다 둘째 줄');
        await expect(quote).toHaveAttribute('href', '/rooms/lobby/1');
      }
      // What is given up is an ordinary message.
      await mina.choose(mina.at(1), ko.page.reply);
      await mina.page.keyboard.press('Escape');
      await mina.say('그냥 하는 말');
      await juno.hears('그냥 하는 말');
      await expect(juno.row('그냥 하는 말').locator('.message-quote')).toHaveCount(0);
      // What is quoted follows its original.
      await edit(mina, '대답합니다', '고친 대답');
      await juno.hears('고친 대답');
      await juno.choose('고친 대답', ko.page.reply);
      await juno.say('거기에 답');
      await edit(mina, mina.at(2), '다시 고친 대답');
      for (const one of [mina, juno]) {
        await expect(one.row('거기에 답').locator('.message-quote')).toContainText('다시 고친 대답');
      }
    });

    test('a quotation leads to its message however old that is, and Back leads back', async ({ person, program }) => {
      await program.say(Array.from({ length: 400 }, (_, number) => `${number + 1}번째 말`));
      await program.ask([{ type: 'post', room: 'lobby', message: '옛말에 답', replyTo: 7 }]);
      const chat = await person();
      await expect(chat.message('7번째 말')).toHaveCount(0);
      await chat.row('옛말에 답').locator('.message-quote').click();
      await expect(chat.message('7번째 말')).toBeInViewport();
      await expect(chat.at(7)).toHaveAttribute('data-here', '');
      expect(new URL(chat.page.url()).pathname).toBe('/rooms/lobby/7');
      await chat.page.goBack();
      await expect(chat.message('옛말에 답')).toBeInViewport();
      expect(new URL(chat.page.url()).pathname).toBe('/');
    });

    test('emoji are put to a message, counted, and taken back, each by whoever put it there', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.nameSelf('미나');
      await juno.nameSelf('주노');
      await mina.say('어때요');
      await juno.hears('어때요');
      await react(juno, '어때요', '👍');
      const [hers, his] = [mina, juno].map((one) => reaction(one.row('어때요'), '👍'));
      if (!hers || !his) throw new Error('there are two');
      await expect(his).toHaveAttribute('aria-pressed', 'true');
      await expect(hers).toHaveText('👍 1');
      await expect(hers).toHaveAttribute('aria-pressed', 'false');
      await hers.click();
      for (const button of [hers, his]) {
        await expect(button).toHaveText('👍 2');
        await expect(button).toHaveAttribute('aria-pressed', 'true');
        await expect(button).toHaveAttribute('title', '주노, 미나');
      }
      await his.click();
      await expect(his).toHaveText('👍 1');
      await expect(his).toHaveAttribute('aria-pressed', 'false');
      await expect(hers).toHaveText('👍 1');
      await expect(hers).toHaveAttribute('aria-pressed', 'true');
      await juno.reload();
      await expect(his).toHaveText('👍 1');
      await expect(his).toHaveAttribute('aria-pressed', 'false');
      await hers.click();
      for (const one of [mina, juno]) await expect(one.page.locator('.reaction')).toHaveCount(0);
    });

    test('any other emoji is chosen from a list', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('어때요');
      await juno.hears('어때요');
      for (const name of Object.values(EMOJI_NAMES)) {
        await juno.choose('어때요', ko.page.more_emoji);
        const dialog = juno.page.getByRole('dialog', { name: ko.page.emoji });
        await dialog.getByRole('button', { name, exact: true }).click();
        await expect(dialog).toBeHidden();
      }
      for (const one of [mina, juno]) await expect(one.page.locator('.reaction')).toHaveText(['🚀 1', '🔥 1']);
    });

    test('a name is completed while it is being written, by keys and by pressing it, and is marked', async ({
      person,
      program,
    }) => {
      await program.isCalled('한 글');
      await program.say(['제 이름에는 빈칸이 있어요']);
      const [mina, juno, jury] = [await person(), await person(), await person()];
      await juno.nameSelf('주노');
      await juno.say('주노예요');
      await jury.nameSelf('Jury');
      await jury.say('Jury예요');
      await mina.nameSelf('주인');
      await mina.hears('Jury예요');
      await mina.hears('주노예요');
      const list = mina.page.getByRole('listbox', { name: ko.mention });
      const options = list.getByRole('option');
      const { keyboard } = mina.page;
      await mina.input.click();

      // One’s own name is not among them, nor one with a space.
      await keyboard.type('안녕 @');
      await expect(options).toHaveCount(2);
      await expect(options.filter({ hasText: '한 글' })).toHaveCount(0);
      await keyboard.type('주');
      await expect(options).toHaveText(['주노']);
      await expect(options).toHaveAttribute('aria-selected', 'true');
      await expect(mina.input).toHaveAttribute('aria-activedescendant', (await options.getAttribute('id')) ?? 'none');
      await keyboard.press('Tab');
      await expect(mina.input).toHaveValue('안녕 @주노 ');
      await expect(list).toBeHidden();
      await expect(mina.input).toBeFocused();

      // Arrows choose, and go around; Enter takes what is chosen and sends nothing.
      await keyboard.type('@');
      await expect(options).toHaveCount(2);
      const names = await options.allInnerTexts();
      const selected = list.locator('[aria-selected="true"]');
      await expect(selected).toHaveText(names[0] ?? '');
      await keyboard.press('ArrowDown');
      await expect(selected).toHaveText(names[1] ?? '');
      await keyboard.press('ArrowDown');
      await expect(selected).toHaveText(names[0] ?? '');
      await keyboard.press('ArrowUp');
      await expect(selected).toHaveText(names[1] ?? '');
      await keyboard.press('Enter');
      await expect(mina.input).toHaveValue(`안녕 @주노 @${names[1]} `);
      await expect(mina.said).toHaveCount(3);

      // Esc leaves the text; what is no name’s beginning offers nothing.
      await mina.input.fill('');
      await keyboard.type('@ju');
      await expect(options).toHaveText(['Jury']);
      await keyboard.press('Escape');
      await expect(list).toBeHidden();
      await expect(mina.input).toHaveValue('@ju');
      await mina.input.fill('');
      await keyboard.type('나@주');
      await expect(list).toBeHidden();

      // In the middle of what is written, by pressing it.
      await mina.input.fill('');
      await keyboard.type(' 뒤의 말');
      await keyboard.press('Home');
      await keyboard.type('@주');
      await expect(options).toHaveText(['주노']);
      await (use.hasTouch ? options.tap() : options.click());
      await expect(mina.input).toHaveValue('@주노  뒤의 말');
      await expect(mina.input).toBeFocused();
      await keyboard.type('님');
      await expect(mina.input).toHaveValue('@주노 님 뒤의 말');
      await keyboard.press('Enter');
      for (const one of [mina, juno]) {
        await expect(one.said).toHaveCount(4);
        await expect(one.said.last().locator('.mention')).toHaveText('@주노');
      }
      await expect(juno.page.locator('.mention')).toBeVisible();
    });

    test('who has read a message is told, when they have', async ({ person, madang }) => {
      const mina = await person({ room: '개발' });
      await mina.nameSelf('미나');
      await mina.say('읽었나요');
      await mina.hears('읽었나요');
      const dialog = mina.page.getByRole('dialog', { name: ko.page.who_read });
      await mina.choose('읽었나요', ko.page.who_read);
      await expect(dialog).toContainText(ko.page.nobody_read);
      await closeDialog(mina);

      const juno = await person();
      await juno.nameSelf('주노');
      await juno.open('개발');
      await juno.hears('읽었나요');
      await expect(async () => {
        const seen = await fetch(`${madang.url}/api/v1/rooms/${encodeURIComponent('개발')}/seen?seq=1`);
        expect(await seen.text()).toContain('주노');
      }).toPass();
      await mina.choose('읽었나요', ko.page.who_read);
      await expect(dialog.locator('.person-name')).toHaveText(['주노']);
    });
  });
}
