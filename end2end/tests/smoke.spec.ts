import { expect, test } from './support/madang.ts';

test('the page opens with its heading, its input and its button', async ({ chat }) => {
  await expect(chat.heading).toBeVisible();
  await expect(chat.input).toBeEditable();
  await expect(chat.button).toBeVisible();
});

test('two people hear each other, each message once', async ({ person }) => {
  const mina = await person();
  const juno = await person();
  await mina.say('안녕하세요');
  await juno.hears('안녕하세요');
  await juno.say('반가워요');
  for (const one of [mina, juno]) {
    await one.hears('안녕하세요');
    await one.hears('반가워요');
  }
});

test('what was said is still there after the server was restarted', async ({ madang, person }) => {
  const mina = await person();
  await mina.say('남아 있기를');
  await mina.hears('남아 있기를');
  await mina.page.context().close();
  await madang.restart();
  const juno = await person();
  await juno.hears('남아 있기를');
});
