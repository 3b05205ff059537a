import { Chat, expect, test } from './support/madang.ts';
import { holdWasm } from './support/held.ts';
import { shifts, watchShifts } from './support/layout.ts';

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
  expect(chat.lines.all).toHaveLength(0);
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
