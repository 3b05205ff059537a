/** Writing: what stands about the input. */

import type { Cast } from '../cast.ts';
import type { State } from '../stage.ts';

const LONG = '여러 줄로 길게 쓰면 입력란이 자랍니다.\n'.repeat(9).trim();

async function talk({ mina, juno }: Cast): Promise<void> {
  await mina.say(['토요일 두 시 어때요?', '일요일도 괜찮아요']);
  await juno.say('저는 토요일이 좋아요. 그런데 조금 늦을 수도 있으니 먼저 시작하고 계세요.');
}

export const WRITING: State[] = [
  { name: 'naming', isNameless: true, before: talk, draw: ({ open }) => open() },
  {
    name: 'typing',
    before: async (cast) => {
      await talk(cast);
      for (const person of [cast.mina, cast.juno, cast.sora]) {
        await person.comes();
        person.types();
      }
    },
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('.typing').filter({ hasText: /\S/ }).waitFor();
    },
  },
  {
    name: 'writing-long',
    before: talk,
    draw: async (stage) => {
      await stage.open();
      await stage.write(LONG);
      await stage.settle();
    },
  },
  {
    name: 'replying',
    before: talk,
    draw: async (stage) => {
      await stage.open();
      await stage.menu(0);
      await stage.act('reply', '#menu');
      await stage.write('저는 둘 다 좋아요');
      await stage.settle();
    },
  },
  {
    name: 'editing',
    before: async (cast) => {
      await talk(cast);
      await cast.me.say('그럼 두 시에 뵈요');
    },
    draw: async (stage) => {
      await stage.open();
      await stage.menu(-1);
      await stage.act('edit', '#menu');
      await stage.settle();
    },
  },
  {
    name: 'mentioning',
    before: async (cast) => {
      await talk(cast);
      const others = await cast.others(['김하늘', '아주길고긴이름을가진사람-이름이-몹시-길어요-서른두자까지']);
      for (const person of [cast.mina, cast.juno, ...others]) await person.comes();
    },
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('.person').nth(4).waitFor({ state: 'attached' });
      await stage.page.locator('.composer-input').click();
      await stage.page.keyboard.insertText('그럼 @');
      await stage.page.locator('.mention-option').first().waitFor();
      await stage.settle();
    },
  },
];
