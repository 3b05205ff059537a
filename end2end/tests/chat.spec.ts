import { expect, test } from './support/madang.ts';
import { ko } from './support/words.ts';

test('the page has a heading, an input and a button, and they work', async ({ chat }) => {
  await expect(chat.heading).toBeVisible();
  await expect(chat.input).toBeEditable();
  await expect(chat.button).toBeEnabled();
  await expect(chat.status).toHaveText('');
  await expect(chat.page.getByText(ko.empty_title)).toBeVisible();
});

test('two people see the same messages in the same order, each marked with whose it is', async ({ person }) => {
  const [mina, juno] = [await person(), await person()];
  await mina.say('안녕하세요');
  await juno.hears('안녕하세요');
  await juno.say('반가워요');
  await mina.hears('반가워요');
  await mina.say('잘 지냈어요?');
  for (const one of [mina, juno]) await one.hasHeard(['안녕하세요', '반가워요', '잘 지냈어요?']);
  expect([await mina.isOwn('안녕하세요'), await mina.isOwn('반가워요')]).toEqual([true, false]);
  expect([await juno.isOwn('안녕하세요'), await juno.isOwn('반가워요')]).toEqual([false, true]);
  expect(await mina.authorOf('안녕하세요')).toBe(await juno.authorOf('안녕하세요'));
  expect(await mina.authorOf('안녕하세요')).not.toBe(await mina.authorOf('반가워요'));
});

test('what two people say at the same time is in the same order for both', async ({ person }) => {
  const people = [await person(), await person()];
  const texts = people.map((_, who) => Array.from({ length: 10 }, (_, number) => `${who}번 사람의 ${number}번째 말`));
  await Promise.all(
    people.map(async (one, who) => {
      for (const text of texts[who] ?? []) await one.say(text);
    }),
  );
  const [mina, juno] = people;
  if (!mina || !juno) throw new Error('there are two people');
  for (const one of people) await expect(one.said).toHaveCount(20);
  const heard = await mina.said.allInnerTexts();
  await juno.hasHeard(heard);
  for (const [who, own] of texts.entries()) {
    expect(heard.filter((text) => text.startsWith(`${who}번`)), 'each person’s words keep their order').toEqual(own);
  }
});

test('the input is empty after sending and keeps the caret, by the button and by Enter', async ({ chat }) => {
  await chat.input.fill('단추로');
  await chat.button.click();
  await expect(chat.input).toHaveValue('');
  await chat.input.click();
  await chat.page.keyboard.type('글쇠로');
  await chat.page.keyboard.press('Enter');
  await expect(chat.input).toHaveValue('');
  await expect(chat.input).toBeFocused();
  await chat.hasHeard(['단추로', '글쇠로']);
});

test('Shift+Enter breaks the line, and the message keeps its lines', async ({ person }) => {
  const [mina, juno] = [await person(), await person()];
  await mina.input.click();
  await mina.page.keyboard.type('첫째 줄');
  await mina.page.keyboard.press('Shift+Enter');
  await mina.page.keyboard.type('둘째 줄');
  await expect(mina.input).toHaveValue('첫째 줄\n둘째 줄');
  await mina.page.keyboard.press('Enter');
  await expect(juno.said).toHaveCount(1);
  expect(await juno.said.innerText()).toBe('첫째 줄\n둘째 줄');
});

test('nothing is sent when there is nothing to send', async ({ chat }) => {
  await chat.button.click();
  await chat.input.press('Enter');
  await chat.input.fill('  \n ');
  await chat.button.click();
  await chat.input.press('Enter');
  await chat.say('이제야');
  await chat.hasHeard(['이제야']);
  expect(chat.lines.posted).toEqual(['이제야']);
});

test('typing in the middle of a text leaves the caret where it is', async ({ chat }) => {
  await chat.input.fill('가다');
  await chat.input.press('ArrowLeft');
  await chat.page.keyboard.type('나라');
  await chat.page.keyboard.press('Enter');
  await chat.hasHeard(['가나라다']);
});

test('markup in a message is text, live and after a reload', async ({ chat }) => {
  const text = '<img src="x" onerror="document.title=1"> & <b>굵게</b> </textarea><script>alert(1)</script>';
  await chat.say(text);
  await chat.hasHeard([text]);
  await chat.reload();
  await chat.hasHeard([text]);
  await expect(chat.log.locator('img, b, script')).toHaveCount(0);
});

test('text of every kind arrives as it was written', async ({ person }) => {
  const [mina, juno] = [await person(), await person()];
  const texts = ['👩‍👩‍👧‍👦 가족', 'שלום עולם', 'e\u0301 é', '한글과 漢字와 かな', 'a\tb', '“따옴표” \\ "'];
  for (const text of texts) await mina.say(text);
  await expect(juno.said).toHaveCount(texts.length);
  expect(await juno.said.evaluateAll((said) => said.map((one) => one.textContent))).toEqual(texts);
  await juno.reload();
  expect(await juno.said.evaluateAll((said) => said.map((one) => one.textContent))).toEqual(texts);
});
