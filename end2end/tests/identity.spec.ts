import { CONNECTION_LOST, expect, test } from './support/madang.ts';

test('a person is the same one after a reload, and in another tab', async ({ chat }) => {
  await chat.say('나야');
  await chat.hears('나야');
  const author = await chat.authorOf('나야');
  await chat.reload();
  expect(await chat.isOwn('나야')).toBe(true);
  await chat.say('또 나야');
  await chat.hears('또 나야');
  expect(await chat.authorOf('또 나야')).toBe(author);

  const tab = await chat.tab();
  await tab.say('여기도 나야');
  await chat.hears('여기도 나야');
  expect(await chat.isOwn('여기도 나야')).toBe(true);
  expect(await chat.authorOf('여기도 나야')).toBe(author);
});

test('a person is the same one whatever another page on the host keeps in its cookies', async ({ chat }) => {
  await chat.say('나야');
  await chat.hears('나야');
  const author = await chat.authorOf('나야');
  await chat.page.evaluate(() => {
    for (const cookie of ['nick=하나', 'lang=하나', 'theme="', 'no pair', 'json={"a":"b;'])
      document.cookie = `${cookie}; path=/`;
  });
  await chat.reload();
  expect(await chat.isOwn('나야')).toBe(true);
  await chat.say('또 나야');
  await chat.hears('또 나야');
  expect(await chat.authorOf('또 나야')).toBe(author);
});

test('a person is the same one after the server was restarted', async ({ chat, madang, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  await chat.say('앞');
  await chat.hears('앞');
  await madang.kill();
  await madang.start();
  await chat.reload();
  await chat.say('뒤');
  await chat.hears('뒤');
  expect(await chat.isOwn('앞')).toBe(true);
  expect(await chat.authorOf('뒤')).toBe(await chat.authorOf('앞'));
});

test('two people are two', async ({ person }) => {
  const [mina, juno] = [await person(), await person()];
  await mina.say('미나');
  await juno.say('주노');
  await mina.hears('주노');
  await mina.hears('미나');
  expect(await mina.authorOf('미나')).not.toBe(await mina.authorOf('주노'));
});

test('no script can read the identity’s cookie, and no other site is sent it', async ({ chat }) => {
  expect(await chat.page.evaluate(() => document.cookie)).toBe('');
  const cookies = await chat.page.context().cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, path: '/' });
  expect(['Lax', 'Strict']).toContain(cookies[0]?.sameSite);
  expect(cookies[0]?.expires, 'it outlives the browser').toBeGreaterThan(Date.now() / 1_000);
});

test('a cookie that was tampered with makes nobody somebody else', async ({ person }) => {
  const [mina, mallory] = [await person(), await person()];
  await mina.say('나는 미나');
  await mina.hears('나는 미나');
  const id = await mina.page.locator('#app').getAttribute('data-user');
  const context = mallory.page.context();
  const [cookie] = await context.cookies();
  if (!cookie || !id) throw new Error('there is a cookie and an identity');
  // Mina's id, signed as Mallory's is.
  const [, ...signature] = cookie.value.split('.');
  await context.addCookies([{ ...cookie, value: [id, ...signature].join('.') }]);
  await mallory.reload();
  expect(await mallory.isOwn('나는 미나')).toBe(false);
});
