/** Rooms: what one sees of them without doing anything, and what stands about the timeline. */

import { setTimes } from '../../tests/support/times.ts';
import type { Cast } from '../cast.ts';
import type { Language, Stage, State } from '../stage.ts';

const LONG_ROOM = '긴-이름을-가진-방-긴-이름을-가진-방';
const LONG_NAME = '아주길고긴이름을가진사람-이름이-몹시-길어요-서른두자까지';

const WALK = {
  ko: {
    room: '산책',
    topic: '주말마다 한 시간씩, 비가 오면 찻집으로',
    place: '다음 주 모임 장소 정했어요?',
    notYet: ['아직이요. 지난번 그 찻집은 어때요?', '조용하고 자리도 넓었잖아요.'],
    good: '좋아요!',
    when: ['저도 좋아요 😊', '그럼 토요일 두 시로 할까요?'],
    late: 'Sorry, I am late to this. Saturday at two works for me, too.',
    see: ['네, 토요일 두 시에 봐요.', '비가 오면 제가 우산을 몇 개 더 챙겨 갈게요. 작년에 산 것이 아직 많이 남아 있어요.'],
    thanks: '고마워요 👍',
    rooms: ['개발', '읽은-책', '동네-소식'],
  },
  en: {
    room: 'walks',
    topic: 'An hour every weekend; the tea house when it rains',
    place: 'Where do we meet next week?',
    notYet: ['Not settled yet. How about the tea house from last time?', 'It was quiet, and there was room for everybody.'],
    good: 'I would like that!',
    when: ['So would I 😊', 'Saturday at two, then?'],
    late: '늦게 봤어요. 저도 토요일 두 시 좋아요.',
    see: ['Yes, see you on Saturday at two.', 'I will bring a few umbrellas, in case it rains. There are many left from last year.'],
    thanks: 'Thank you 👍',
    rooms: ['development', 'books', 'neighbours'],
  },
};

/** Two days of talk. */
async function walk({ mina, juno, sora, me }: Cast, lang: Language): Promise<void> {
  const { room, topic, rooms, ...words } = WALK[lang];
  await me.ask({ type: 'topic', room, topic });
  const [place] = await mina.say(words.place, room);
  await juno.say(words.notYet, room);
  const [good] = await me.say(words.good, room);
  const [when] = await mina.say(words.when, room);
  await sora.reply(place, words.late, room);
  const [see] = await me.say(words.see, room);
  const [last] = await juno.say(words.thanks, room);
  await mina.react(good, ['👍'], room);
  await juno.react(when, ['👍', '🎉'], room);
  await sora.react(when, ['👍'], room);
  await me.react(when, ['👍'], room);
  await sora.react(see, ['🙏'], room);
  await me.ask({ type: 'read', room, seq: last });
  for (const other of rooms) await me.follows(other);
  await juno.say(['1', '2', '3'], rooms[0]);
  await mina.say('…', rooms[1]);
}

/** The room of that talk, with everybody in it. */
async function openWalk(stage: Stage): Promise<void> {
  const { room } = WALK[stage.lang];
  await Promise.all([stage.cast.mina, stage.cast.juno, stage.cast.sora].map((person) => person.comes(room)));
  await setTimes(stage.page, WALK_TIMES);
  await stage.open(room);
  await stage.page.locator('.person').nth(3).waitFor({ state: 'attached' });
  await stage.settle();
}

const WALK_TIMES = [
  '2026-11-24T11:41:00Z',
  '2026-11-24T11:43:00Z',
  '2026-11-24T11:44:00Z',
  '2026-11-24T11:52:00Z',
  '2026-11-24T23:58:00Z',
  '2026-11-24T23:59:00Z',
  '2026-11-25T00:20:00Z',
  '2026-11-25T00:22:00Z',
  '2026-11-25T00:23:00Z',
  '2026-11-25T00:30:00Z',
];

/** So much was said that the room has to be scrolled. */
async function muchTalk({ mina, juno }: Cast, room: string, count: number): Promise<void> {
  for (let number = 0; number < count; number += 2) {
    await mina.say(`${number}번째 말`, room);
    await juno.say([`${number + 1}번째 말`, '그리고 한마디 더'], room);
  }
}

export const ROOM: State[] = [
  { name: 'empty', isNameless: true, draw: ({ open }) => open() },
  { name: 'conversation', before: walk, draw: openWalk },
  { name: 'conversation-menu', before: walk, draw: (stage) => openWalk(stage).then(() => stage.menu(5)) },
  {
    name: 'conversation-rooms',
    before: walk,
    draw: (stage) => openWalk(stage).then(() => stage.dialog(() => stage.page.keyboard.press('Control+k'))),
  },
  {
    name: 'long-names',
    before: async (cast) => {
      const [long, rtl] = await cast.others([LONG_NAME, 'שלום בן ארצי']);
      const topic = '아주 긴 주제를 가진 방입니다. '.repeat(11).trim();
      await cast.me.ask({ type: 'topic', room: LONG_ROOM, topic });
      const [first] = await (long as typeof cast.me).say(['이름이 길면 어디서 줄어들까요?', '두 번째 줄'], LONG_ROOM);
      await rtl?.reply(first, 'שלום עולם, זה טקסט מימין לשמאל', LONG_ROOM);
      await long?.react(first, ['👍'], LONG_ROOM);
      await cast.me.reply(first, `@${LONG_NAME} 이런 식으로요.`, LONG_ROOM);
      await long?.comes(LONG_ROOM);
      await rtl?.comes(LONG_ROOM);
      long?.types(LONG_ROOM);
    },
    draw: async (stage) => {
      await stage.open(LONG_ROOM);
      await stage.page.locator('.typing').filter({ hasText: /\S/ }).waitFor();
    },
  },
  {
    name: 'history-loading',
    before: (cast) => muchTalk(cast, LONG_ROOM, 40),
    draw: async ({ page, open, settle }) => {
      await page.route('**/api/v1/rooms/*/messages*', () => {});
      await open(LONG_ROOM);
      await page.locator('.timeline-above').scrollIntoViewIfNeeded();
      await settle();
    },
  },
  {
    name: 'room-loading',
    before: async ({ me, mina }) => {
      await me.follows('산책');
      await mina.say('다음 주에 봐요', '산책');
    },
    draw: async (stage) => {
      await stage.page.route('**/api/v1/rooms/*/messages*', () => {});
      await stage.page.routeWebSocket('**/ws', (near) => {
        const far = near.connectToServer();
        far.onMessage((text) => {
          if (JSON.parse(text.toString()).room !== '산책') near.send(text);
        });
      });
      await stage.open();
      await stage.drawer();
      await stage.page.locator('.rooms-link', { hasText: '산책' }).click();
      await stage.settle();
    },
  },
  {
    name: 'room-away',
    before: async ({ me, mina }) => {
      await me.follows('산책');
      await mina.say('다음 주에 봐요', '산책');
    },
    draw: async (stage) => {
      await stage.open();
      stage.relay.down();
      await stage.page.locator('.notice-on').waitFor();
      await stage.drawer();
      await stage.page.locator('.rooms-link', { hasText: '산책' }).click();
      await stage.settle();
    },
  },
  {
    name: 'rooms-here',
    before: walk,
    draw: (stage) => openWalk(stage).then(() => stage.drawer()),
  },
  {
    name: 'rooms-open',
    before: walk,
    draw: async (stage) => {
      const [, books, empty] = WALK[stage.lang].rooms;
      await stage.open(empty);
      // Only what comes while one is there is known for a mention.
      await stage.cast.mina.say('@한가람 …', books);
      await stage.page.locator('.rooms-link .rooms-mentioned').waitFor({ state: 'attached' });
      await stage.drawer();
    },
  },
  {
    name: 'many-rooms',
    before: async ({ me, mina }) => {
      for (let number = 1; number <= 24; number += 1) {
        await me.follows(`모임-${number}`);
      }
      await me.follows(LONG_ROOM);
      await mina.say(Array.from({ length: 100 }, (_, number) => `${number}`), LONG_ROOM);
    },
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('.rooms-unread').first().waitFor({ state: 'attached' });
      await stage.drawer();
    },
  },
  {
    name: 'people',
    before: async (cast) => {
      const people = await cast.others([LONG_NAME, 'Ada', '준', undefined, 'שלום', '박하늘별', 'Émile', '王小明']);
      await cast.mina.say('모두 어서 오세요');
      for (const person of [cast.mina, cast.juno, cast.sora, ...people]) await person.comes();
    },
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('.person').nth(11).waitFor({ state: 'attached' });
      if (stage.width < 1_152) await stage.page.locator('.heading-people').click();
      await stage.settle();
    },
  },
  {
    name: 'unread',
    before: async (cast) => {
      const [last] = await cast.mina.say(['어제 읽은 말', '여기까지 읽었어요']);
      await cast.me.ask({ type: 'read', room: 'lobby', seq: last });
      await cast.me.ask({ type: 'read', room: 'lobby', seq: 2 + (last ?? 0) });
      await muchTalk(cast, 'lobby', 4);
    },
    draw: async (stage) => {
      await stage.open();
      await stage.settle();
    },
  },
  {
    name: 'jumps',
    before: async (cast) => {
      const seqs = await cast.mina.say(['어제 읽은 말', '여기까지 읽었어요']);
      await cast.me.ask({ type: 'read', room: 'lobby', seq: seqs[1] });
      await muchTalk(cast, 'lobby', 40);
    },
    draw: async (stage) => {
      await stage.open();
      await stage.page.locator('#timeline').evaluate((timeline) => timeline.scrollBy(0, -400));
      await stage.settle();
      await stage.cast.juno.say('방금 온 말');
      await stage.page.locator('.jump-end:not([hidden])').waitFor();
      await stage.settle();
    },
  },
];
