import { CONNECTION_LOST, expect, test, type Server } from './support/madang.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--drain-seconds', '1'] });

const ends: [string, (server: Server) => Promise<void>][] = [
  ['shut down', (server) => server.stop()],
  ['killed', (server) => server.kill()],
];

for (const [ended, end] of ends) {
  test(`when the server was ${ended}, the page says so, comes back by itself and has lost nothing`, async ({
    madang,
    person,
    quiet,
  }) => {
    quiet.expect(CONNECTION_LOST);
    const [mina, juno] = [await person(), await person()];
    await mina.say('전에');
    await juno.hears('전에');

    await end(madang);
    for (const one of [mina, juno]) await expect(one.status).toHaveText(ko.trouble_cut);
    await mina.say('그동안');
    await expect(mina.pending).toHaveText(['그동안']);
    await madang.start();

    for (const one of [mina, juno]) {
      await expect(one.status).toHaveText('');
      await one.hasHeard(['전에', '그동안']);
    }
    await expect(mina.pending).toHaveCount(0);
    await juno.say('돌아왔네요');
    for (const one of [mina, juno, await person()]) await one.hasHeard(['전에', '그동안', '돌아왔네요']);
  });
}

test('a line that was cut is opened again, and what was said meanwhile is there, in its place', async ({
  person,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person();
  const juno = await person({ baseURL: relay.url });
  await mina.say('하나');
  await juno.hears('하나');

  relay.down();
  await expect(juno.status).toHaveText(ko.trouble_cut);
  await mina.say('둘');
  await mina.say('셋');
  await juno.say('넷');
  await mina.hasHeard(['하나', '둘', '셋']);
  relay.up();

  await expect(juno.status).toHaveText('');
  for (const one of [mina, juno]) await one.hasHeard(['하나', '둘', '셋', '넷']);
});

test('lines that are cut again and again lose nothing and double nothing', async ({ person, relay, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person({ baseURL: relay.url });
  const juno = await person({ baseURL: relay.url });
  const texts = Array.from({ length: 12 }, (_, number) => `${number}번째`);
  for (const text of texts) {
    await mina.say(text);
    relay.cut();
  }
  for (const one of [mina, juno]) await one.hasHeard(texts);
});

test('text that is being written stays in the input while the line comes and goes', async ({
  person,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person({ baseURL: relay.url });
  await mina.input.click();
  await mina.page.keyboard.type('쓰는 ');
  relay.down();
  await expect(mina.status).toHaveText(ko.trouble_cut);
  await mina.page.keyboard.type('중에');
  relay.up();
  await expect(mina.status).toHaveText('');
  await expect(mina.input).toHaveValue('쓰는 중에');
  await mina.page.keyboard.press('Enter');
  await mina.hasHeard(['쓰는 중에']);
});
