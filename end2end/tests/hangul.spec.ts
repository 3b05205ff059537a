import { expect, test } from './support/madang.ts';
import { InputMethod } from './support/input-method.ts';

/** 안녕, its last syllable still under composition. */
async function writeHello(method: InputMethod): Promise<void> {
  await method.compose('ㅇ', '아', '안');
  await method.finish('안');
  await method.compose('ㄴ', '녀', '녕');
}

test('in Chrome’s order of events, Enter at the end of a syllable sends all of it, once', async ({ chat }) => {
  await chat.input.click();
  const method = await InputMethod.at(chat.page);
  await writeHello(method);
  await expect(chat.input).toHaveValue('안녕');
  const seen = await method.enterInChrome('녕');
  expect(seen.slice(-3)).toEqual(['keydown 229 composing', 'compositionend', 'keydown 13']);
  await chat.hasHeard(['안녕']);
  await expect(chat.input).toHaveValue('');

  await chat.say('다음');
  await chat.hasHeard(['안녕', '다음']);
  expect(chat.lines.posted).toEqual(['안녕', '다음']);
});

test('in Safari’s order of events, Enter at the end of a syllable sends all of it, once', async ({ chat }) => {
  await chat.input.click();
  const method = await InputMethod.at(chat.page);
  await writeHello(method);
  const seen = await method.enterInSafari('녕');
  expect(seen.slice(-3)).toEqual(['compositionend', 'keydown 229', 'insertLineBreak']);
  await chat.hasHeard(['안녕']);
  await expect(chat.input).toHaveValue('');

  await chat.say('다음');
  await chat.hasHeard(['안녕', '다음']);
  expect(chat.lines.posted).toEqual(['안녕', '다음']);
});

test('an Enter that only chooses a word sends nothing, in neither order', async ({ chat }) => {
  await chat.input.click();
  const method = await InputMethod.at(chat.page);
  await method.compose('か', 'かん', 'かんじ');
  expect(await method.chooseInChrome('漢字')).toEqual(['keydown 229 composing', 'compositionend']);
  await expect(chat.input).toHaveValue('漢字');
  await method.compose('ひ', 'ひろ', 'ひろば');
  expect(await method.chooseInSafari('広場')).toEqual(['compositionend', 'keydown 229']);
  await expect(chat.input).toHaveValue('漢字広場');
  await chat.page.keyboard.press('Enter');
  await chat.hasHeard(['漢字広場']);
  expect(chat.lines.posted).toEqual(['漢字広場']);
});

test('Shift+Enter after a syllable breaks the line and sends nothing', async ({ chat }) => {
  await chat.input.click();
  const method = await InputMethod.at(chat.page);
  await writeHello(method);
  await method.finish('녕');
  await chat.page.keyboard.press('Shift+Enter');
  await method.compose('ㅎ', '하');
  await method.finish('하');
  await expect(chat.input).toHaveValue('안녕\n하');
  await chat.page.keyboard.press('Enter');
  await expect(chat.said).toHaveCount(1);
  expect(await chat.said.innerText()).toBe('안녕\n하');
  expect(chat.lines.posted).toEqual(['안녕\n하']);
});

test('the button sends a syllable that is still under composition, once', async ({ chat }) => {
  await chat.input.click();
  const method = await InputMethod.at(chat.page);
  await writeHello(method);
  await chat.button.click();
  await chat.hasHeard(['안녕']);
  await expect(chat.input).toHaveValue('');
  expect(chat.lines.posted).toEqual(['안녕']);
});

test('a message that arrives while one composes a syllable does not disturb it', async ({ chat, person }) => {
  const juno = await person();
  await chat.input.click();
  const method = await InputMethod.at(chat.page);
  await chat.page.keyboard.type('나는 ');
  await method.compose('ㅎ', '하', '한');
  await juno.say('끼어들기');
  await chat.hears('끼어들기');
  await method.compose('한', '한');
  await method.finish('한');
  await method.compose('ㄱ', '그', '글');
  await expect(chat.input).toHaveValue('나는 한글');
  await method.enterInChrome('글');
  await chat.hasHeard(['끼어들기', '나는 한글']);
});

test('a syllable can be composed in the middle of a text', async ({ chat }) => {
  await chat.input.fill('가다');
  await chat.input.press('ArrowLeft');
  const method = await InputMethod.at(chat.page);
  await method.compose('ㄴ', '나');
  await method.finish('나');
  await method.compose('ㄹ', '라');
  await expect(chat.input).toHaveValue('가나라다');
  await method.enterInChrome('라');
  await chat.hasHeard(['가나라다']);
});
