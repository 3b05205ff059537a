import { Chat, expect, test } from './support/madang.ts';
import { holdWasm } from './support/held.ts';
import { shifts, watchShifts } from './support/layout.ts';
import { SIZES } from './support/sizes.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

test('what was said is in the HTML, before any script has run', async ({ page, program }) => {
  await program.say(['먼저 온 말', '나중에 온 말']);
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  const response = await chat.goto();
  const html = await response.text();
  expect(html).toContain('먼저 온 말');
  await chat.hasHeard(['먼저 온 말', '나중에 온 말']);
  await expect(chat.message('나중에 온 말')).toBeInViewport();
  // Nothing is asked for but whether the line leads both ways.
  expect(chat.lines.all.flatMap((line) => line.sent).filter(({ type }) => type !== 'ping')).toEqual([]);
  arrive();
  await chat.lines.joined();
  await chat.hasHeard(['먼저 온 말', '나중에 온 말']);
});

test('nothing moves while the page comes to life', async ({ page, program }) => {
  await program.say(Array.from({ length: 60 }, (_, number) => `${number}번째 말. ${'길게 '.repeat(number % 40)}`));
  await watchShifts(page);
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  await expect(chat.said).toHaveCount(50);
  // Its style sheet may be on its way.
  await expect(chat.said.last()).toBeInViewport();
  const place = await chat.said.last().boundingBox();
  expect(await shifts(page)).toEqual([]);
  arrive();
  await chat.lines.joined();
  expect(await shifts(page)).toEqual([]);
  expect(await chat.said.last().boundingBox()).toEqual(place);

  // The measure itself works: what is pushed aside is noticed.
  await page.evaluate(() => {
    const intruder = document.createElement('div');
    intruder.textContent = '끼어든 것';
    document.querySelector('#app')?.before(intruder);
  });
  await expect.poll(async () => (await shifts(page)).length).toBeGreaterThan(0);
});

/** What a page can show, all of it. */
const TEXTS = [
  '**굵게**와 `코드`\n> 인용\n\n- 하나\n- 둘',
  '```rust\nfn main() {\n    println!("안녕");\n}\n```',
  'https://example.com/길고도-긴-주소 에서 @주노 를 불렀습니다. '.repeat(4),
  '여러\n줄에\n걸친\n말',
  '지울 말',
  '고칠 말',
];

for (const { name, use } of [...SIZES, { name: 'wide', use: { viewport: { width: 1600, height: 1000 } } }]) {
  test.describe(name, () => {
    test.use(use);

    for (const where of ['its end', 'a message']) {
      test(`nothing moves while a page with all that there can be comes to life at ${where}`, async ({
        context,
        page,
        person,
        program,
      }) => {
        // Somebody who follows rooms, has a name and has read a part.
        const before = await new Chat(page).open('개발');
        await before.nameSelf('미나');
        await before.say('개발 방에 왔어요');
        await before.hears('개발 방에 왔어요');
        await before.open();
        await before.say('로비에도 왔어요');
        await before.hears('로비에도 왔어요');
        await page.goto('about:blank');
        await program.isCalled('아주 긴 이름을 가진 사람');
        await program.say(Array.from({ length: 7 }, (_, number) => `@미나 ${number}번째`), '개발');
        const seqs: number[] = [];
        for (let round = 0; round < 4; round++) seqs.push(...(await program.say(TEXTS)));
        const targets = seqs.slice(-TEXTS.length);
        await program.ask([
          { type: 'topic', room: 'lobby', topic: '모두의 방. '.repeat(12) },
          ...['👍', '🎉', '🚀'].map((emoji) => ({ type: 'react', room: 'lobby', target: targets[0], emoji, on: true })),
          { type: 'edit', room: 'lobby', target: targets[5], message: '고친 말' },
          { type: 'post', room: 'lobby', message: '답입니다', replyTo: targets[1] },
          { type: 'post', room: 'lobby', message: '옛말에 답', replyTo: 1 },
          { type: 'delete', room: 'lobby', target: targets[4] },
        ]);
        const juno = await person();
        await juno.nameSelf('주노');

        const next = await context.newPage();
        await watchShifts(next);
        const chat = new Chat(next);
        const arrive = await holdWasm(next);
        await next.goto(where === 'its end' ? '/' : `/rooms/lobby/${targets[0]}`);
        // All of it is there before the script.
        await expect(next.locator('.unread')).toBeAttached();
        await expect(next.locator('.rooms-unread').first()).toBeAttached();
        await expect(next.locator('.reaction')).toHaveCount(3);
        await expect(next.locator('.message-edited')).toBeAttached();
        await expect(next.locator('.message-deleted')).toHaveCount(1);
        await expect(next.locator('.message-quote')).toHaveCount(2);
        expect(await shifts(next), 'before the script').toEqual([]);
        const read = where === 'its end' ? chat.said.last() : chat.at(targets[0] ?? 0);
        await expect(read).toBeInViewport();
        const place = await read.boundingBox();

        arrive();
        await chat.lines.joined();
        await expect(next.locator('#people .person').filter({ hasText: '주노' })).toHaveCount(1);
        expect(await read.boundingBox()).toEqual(place);
        expect(await shifts(next), 'with the script').toEqual([]);
      });
    }
  });
}

test('the connection is made while the WASM is on its way, one for all tabs', async ({ page, madang, program }) => {
  await program.say(['먼저 온 말']);
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  const isAnswered = () => chat.lines.open.some((line) => line.received.some(({ type }) => type === 'beat'));
  await expect.poll(isAnswered, 'that the line leads both ways is known before the WASM is there').toBe(true);
  arrive();
  await chat.lines.joined();
  expect(chat.lines.all).toHaveLength(1);
  await chat.say('이어진 말');
  await chat.hasHeard(['먼저 온 말', '이어진 말']);
  const tab = await chat.tab();
  await tab.hasHeard(['먼저 온 말', '이어진 말']);
  expect(tab.lines.all).toHaveLength(0);
  await expect.poll(() => madang.sessions).toBe(1);
});

test('of a page that opens at the end every message is laid out soon, without the WASM', async ({ page, program }) => {
  await program.say(Array.from({ length: 50 }, (_, number) => `${number}번째 말`));
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  await expect(chat.said.last()).toBeInViewport();
  const unseen = () =>
    page.evaluate(() => [...document.querySelectorAll('.message-text')].filter((it) => !it.checkVisibility()).length);
  await expect.poll(unseen).toBe(0);
  expect(await page.evaluate(() => document.querySelector('#timeline')?.scrollTop)).toBe(0);
  arrive();
  await chat.lines.joined();
  expect(await unseen()).toBe(0);
});

test('who comes for the first time has the styles in the page, and has them stored for the next one', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const chat = new Chat(page);
  await chat.open();
  const isStyles = (path: string) => path.endsWith('.css');
  expect(await page.locator('link[rel=stylesheet]').count()).toBe(0);
  await expect.poll(() => asked.filter(isStyles).length).toBe(1);
  await chat.goto();
  await expect(page.locator('link[rel=stylesheet]')).toHaveCount(1);
  await expect(page.locator('head style')).toHaveCount(0);
});

test('text typed before the script came is kept and can be sent', async ({ page }) => {
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  await chat.input.click();
  await page.keyboard.type('성급한 ');
  arrive();
  await chat.lines.joined();
  await expect(chat.input).toHaveValue('성급한 ');
  await expect(chat.input).toBeFocused();
  await page.keyboard.type('말');
  await page.keyboard.press('Enter');
  await expect(chat.input).toHaveValue('');
  await chat.hasHeard(['성급한 말']);
});

test('the button works before the script came, too', async ({ page }) => {
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  await chat.input.fill('기다리지 않고');
  await chat.button.click();
  await chat.hasHeard(['기다리지 않고']);
  await expect(chat.input).toHaveValue('');
  arrive();
  await chat.lines.joined();
  await chat.hasHeard(['기다리지 않고']);
});

test('what is said between the HTML and the first connection is not missed', async ({ page, program }) => {
  await program.say(['HTML 안에']);
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  await chat.hasHeard(['HTML 안에']);
  await program.say(['그 사이에']);
  arrive();
  await chat.hasHeard(['HTML 안에', '그 사이에']);
});
