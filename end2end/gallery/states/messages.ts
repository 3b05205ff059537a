/** Messages: what they say, what was made of them, and their menu. */

import type { Cast } from '../cast.ts';
import type { State } from '../stage.ts';

const CODE = `\`\`\`rust
fn main() {
    let words = ["마당", "yard"];
    for word in words.iter().filter(|word| word.len() > 4) {
        println!("{word}: a line that is longer than any phone is wide, to see what becomes of it");
    }
}
\`\`\``;

const MARKED = [
  '**굵게** 쓰고 *기울여* 쓰고 ~~지우고~~ `코드`를 넣고 [이름 있는 링크](https://example.com/)도 답니다.',
  '> 인용한 말은 이렇게 보입니다.\n> 두 줄도 됩니다.',
  '- 첫째 것\n- 둘째 것은 조금 더 길어서 좁은 화면에서는 줄이 바뀝니다\n- 셋째 것',
  '1. 하나\n2. 둘',
];

/** A row of each kind, six of them, so that a menu has rows above and below it. */
async function rows({ mina, juno, me }: Cast): Promise<void> {
  await mina.say(['맨 위의 말', '짧은 말']);
  await me.say(['내가 한 말', '내가 한 조금 더 긴 말인데, 메뉴가 어디에 서는지 보려고 씁니다.']);
  await juno.say(['다른 사람의 말', '거의 아래의 말']);
  const [last] = await me.say('맨 아래의 내 말');
  await me.ask({ type: 'edit', room: 'lobby', target: last, message: '고친, 맨 아래의 내 말' });
}

/** So many rows that the first and the last seen lie at the edges. */
async function fullOfRows(cast: Cast): Promise<void> {
  for (let number = 0; number < 3; number += 1) await rows(cast);
  await cast.mina.say('맨 아래의 남의 말');
}

export const MESSAGES: State[] = [
  {
    name: 'long-words',
    before: async ({ mina, me }) => {
      await mina.say([
        'https://example.org/a-very-long-address/without-any-place-to-break/0123456789012345678901234567890123456789',
        '가나다라마바사아자차카타파하'.repeat(8),
        '👩‍👩‍👧‍👦🎉',
        'שלום עולם, مرحبا بالعالم',
      ]);
      await me.say([CODE, '여러 줄로\n나누어\n쓴 글', '긴 이야기를 하나 하자면, '.repeat(30)]);
    },
    draw: ({ open }) => open(),
  },
  {
    name: 'markdown',
    before: async ({ mina }) => mina.say([...MARKED, CODE, '짧은 코드\n```\nlet a = 1;\n```\n그리고 글']),
    draw: ({ open }) => open(),
  },
  {
    name: 'markdown-own',
    before: async ({ me }) => me.say([...MARKED, CODE, '@김미나 하고 @Sora 에게']),
    draw: ({ open }) => open(),
  },
  {
    name: 'long-code',
    before: async ({ mina, me }) => {
      const code = `\`\`\`\n${Array.from({ length: 60 }, (_, line) => `let line_${line} = ${line * line};`).join('\n')}\n\`\`\``;
      await mina.say(['이 코드 좀 봐 주세요', code]);
      await me.say('길지만 화면을 다 차지하지는 않네요');
    },
    draw: ({ open }) => open(),
  },
  {
    name: 'reactions',
    before: async (cast) => {
      const [short, long, own] = [
        await cast.mina.say('좋은 소식이 있어요'),
        await cast.juno.say('반응이 아주 많이 달리면 줄이 바뀌고, 줄이 바뀌어도 가지런해야 합니다.'),
        await cast.me.say('내 말에 달린 반응'),
      ].map(([seq]) => seq);
      await cast.me.react(short, ['🎉']);
      await cast.juno.react(short, ['🎉', '👍']);
      await cast.sora.react(long, ['👍', '❤️', '😂', '🎉', '🙏', '👀', '🔥', '✅', '🤔', '👏', '🥳', '💯']);
      await cast.me.react(long, ['❤️', '🔥']);
      await cast.mina.react(own, ['👍', '🙏']);
      await cast.sora.react(own, ['👍']);
      await cast.mina.say('반응 다음에 이어지는 말');
    },
    draw: ({ open }) => open(),
  },
  {
    name: 'replies',
    before: async ({ mina, juno, me }) => {
      const [question] = await mina.say('토요일 두 시 어때요? 시간이 안 되는 사람은 편하게 말해 주세요. 일요일도 괜찮습니다.');
      const [gone] = await juno.say('이 말은 지워질 거예요');
      await me.reply(question, '저는 좋아요.');
      await juno.reply(question, '저도요!');
      await mina.reply(gone, '방금 뭐라고 했어요?');
      const [mine] = await me.say('못 봤어요');
      await juno.reply(mine, '아니에요 😅');
      await juno.ask({ type: 'delete', room: 'lobby', target: gone });
    },
    draw: ({ open }) => open(),
  },
  {
    name: 'edited-deleted',
    before: async ({ mina, me }) => {
      const [theirs, gone] = await mina.say(['두 시에 봐요', '잘못 보낸 말']);
      await mina.ask({ type: 'edit', room: 'lobby', target: theirs, message: '세 시에 봐요' });
      await mina.ask({ type: 'delete', room: 'lobby', target: gone });
      const [mine, mineGone] = await me.say(['네, 그때 봐요', '지울 말']);
      await me.ask({ type: 'edit', room: 'lobby', target: mine, message: '네, 세 시에 봐요' });
      await me.ask({ type: 'delete', room: 'lobby', target: mineGone });
      await me.react(theirs, ['👍']);
    },
    draw: ({ open }) => open(),
  },
  { name: 'menu-top', before: rows, draw: (stage) => stage.open().then(() => stage.menu(0)) },
  { name: 'menu-own', before: rows, draw: (stage) => stage.open().then(() => stage.menu(3)) },
  { name: 'menu-bottom', before: fullOfRows, draw: (stage) => stage.open().then(() => stage.menu(-1)) },
  {
    name: 'menu-bottom-own',
    before: (cast) => fullOfRows(cast).then(() => rows(cast)),
    draw: (stage) => stage.open().then(() => stage.menu(-1)),
  },
  {
    name: 'menu-by-key',
    before: rows,
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('#timeline').focus();
      for (const key of ['ArrowUp', 'ArrowUp', 'Enter', 'ArrowDown']) await stage.page.keyboard.press(key);
      await stage.settle();
    },
  },
  {
    name: 'row-focus',
    before: rows,
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('#timeline').focus();
      for (const key of ['ArrowUp', 'ArrowUp']) await stage.page.keyboard.press(key);
      await stage.settle();
    },
  },
  {
    name: 'row-place',
    before: rows,
    draw: async (stage) => {
      await stage.page.goto('/rooms/lobby/2');
      await stage.page.locator('.heading-line:not([title=""])').waitFor({ state: 'attached' });
      await stage.settle();
    },
  },
  {
    name: 'row-hover',
    before: rows,
    draw: async (stage) => {
      await stage.open();
      await stage.rows.nth(1).hover();
      await stage.settle();
    },
  },
  {
    name: 'toast',
    before: rows,
    draw: async (stage) => {
      await stage.open();
      await stage.menu(-1);
      await stage.act('copy', '#menu');
      await stage.page.locator('.toast').filter({ hasText: /\S/ }).waitFor();
    },
  },
];
