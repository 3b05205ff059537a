/** What is asked for seldom, over the page. */

import type { Cast } from '../cast.ts';
import type { Stage, State } from '../stage.ts';

async function rooms({ me, mina, juno }: Cast): Promise<void> {
  await mina.say('어서 오세요');
  const topics = {
    개발: '빌드와 배포, 그리고 잡담',
    산책: '주말마다 한 시간씩, 비가 오면 찻집으로. 아주 긴 주제라서 끝까지는 보이지 않습니다.',
    '긴-이름을-가진-방-긴-이름을-가진-방': '이름이 긴 방의 주제',
    '읽은-책': '',
  };
  for (const [room, topic] of Object.entries(topics)) {
    await me.follows(room);
    await mina.ask({ type: 'topic', room, topic });
  }
  await juno.say(['빌드가 빨라졌어요', '절반쯤요'], '개발');
  await mina.say('@한가람 이 책 읽어 봤어요?', '읽은-책');
}

/** Opens the list of rooms to be found, and looks for this. */
async function find(stage: Stage, wanted: string): Promise<void> {
  await stage.open();
  await stage.dialog(() => stage.page.keyboard.press('Control+k'));
  await stage.page.locator('#dialog [name=find]').fill(wanted);
  await stage.page.waitForTimeout(600);
}

async function edited({ mina, juno, me }: Cast): Promise<void> {
  const [seq] = await mina.say('토요일에 봐요');
  for (const message of ['토요일 두 시에 봐요', '토요일 세 시에 봐요. 늦지 마세요!']) {
    await mina.ask({ type: 'edit', room: 'lobby', target: seq, message });
  }
  for (const person of [juno, me]) await person.ask({ type: 'read', room: 'lobby', seq });
}

export const DIALOGS: State[] = [
  {
    name: 'dialog-rooms',
    before: rooms,
    draw: (stage) => stage.open().then(() => stage.dialog(() => stage.page.keyboard.press('Control+k'))),
  },
  { name: 'dialog-rooms-found', before: rooms, draw: (stage) => find(stage, '방') },
  { name: 'dialog-rooms-new', before: rooms, draw: (stage) => find(stage, '새로-만들-방') },
  { name: 'dialog-rooms-none', before: rooms, draw: (stage) => find(stage, '띄어 쓴 이름!') },
  {
    name: 'dialog-room',
    before: rooms,
    draw: (stage) => stage.open('산책').then(() => stage.dialog(() => stage.act('room', '.heading'))),
  },
  {
    name: 'dialog-help',
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('#timeline').focus();
      await stage.dialog(() => stage.page.keyboard.press('?'));
    },
  },
  {
    name: 'dialog-help-end',
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('#timeline').focus();
      await stage.dialog(() => stage.page.keyboard.press('?'));
      await stage.page.locator('#dialog').evaluate((dialog) => dialog.scrollTo(0, 10_000));
      await stage.settle();
    },
  },
  {
    name: 'dialog-emoji',
    before: edited,
    draw: async (stage) => {
      await stage.open();
      await stage.menu(0);
      await stage.dialog(() => stage.act('emoji', '#menu'));
    },
  },
  {
    name: 'dialog-edits',
    before: edited,
    draw: async (stage) => {
      await stage.open();
      await stage.menu(0);
      await stage.dialog(() => stage.act('edits', '#menu'));
    },
  },
  {
    name: 'dialog-seen',
    before: edited,
    draw: async (stage) => {
      await stage.open();
      await stage.menu(0);
      await stage.dialog(() => stage.act('seen', '#menu'));
    },
  },
  {
    name: 'dialog-delete',
    before: async ({ me }) => me.say('지울까 말까'),
    draw: async (stage) => {
      await stage.open();
      await stage.menu(0);
      await stage.act('delete', '#menu');
      await stage.settle();
    },
  },
  {
    name: 'dialog-unreached',
    before: rooms,
    draw: async (stage) => {
      await stage.open('산책');
      await stage.page.route('**/parts/**', (route) => route.abort());
      await stage.act('room', '.heading');
      await stage.page.locator('#dialog [data-act="again"]').waitFor();
      await stage.settle();
    },
  },
  {
    name: 'dialog-waiting',
    before: rooms,
    draw: async (stage) => {
      await stage.open('산책');
      await stage.page.route('**/parts/**', () => {});
      await stage.act('room', '.heading');
      await stage.page.locator('.dialog-waiting').waitFor();
      await stage.page.waitForTimeout(600);
    },
  },
  {
    name: 'dialog-emoji-found',
    before: edited,
    draw: async (stage) => {
      await stage.open();
      await stage.menu(0);
      await stage.dialog(() => stage.act('emoji', '#menu'));
      await stage.page.locator('.emoji-search').fill(stage.lang === 'ko' ? '하트' : 'heart');
      await stage.settle();
    },
  },
  {
    name: 'dialog-reactions',
    before: async (cast) => {
      await edited(cast);
      for (const person of [cast.juno, cast.me]) {
        await person.ask({ type: 'react', room: 'lobby', target: 1, emoji: '👍', on: true });
      }
      await cast.juno.ask({ type: 'react', room: 'lobby', target: 1, emoji: '🎉', on: true });
    },
    draw: async (stage) => {
      await stage.open();
      await stage.menu(0);
      await stage.dialog(() => stage.act('reactions', '#menu'));
    },
  },
  {
    name: 'name-missing',
    isNameless: true,
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('.naming button').click();
      await stage.settle();
    },
  },
  {
    name: 'settings',
    draw: async (stage) => {
      await stage.open();
      await stage.drawer();
      await stage.page.locator('[popovertarget="settings"].rooms-settings').click();
      await stage.settle();
    },
  },
  {
    name: 'settings-rename',
    isNameless: true,
    draw: async (stage) => {
      await stage.open();
      if (stage.width < 1_152) await stage.page.locator('.heading-people').click();
      await stage.act('rename');
      await stage.settle();
    },
  },
];
