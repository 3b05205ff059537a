/** Rooms: what one sees of them without doing anything, and what stands about the timeline. */

import { setTimes } from '../../tests/support/times.ts';
import type { Cast } from '../cast.ts';
import type { State } from '../stage.ts';

const LONG_ROOM = '긴-이름을-가진-방-긴-이름을-가진-방';
const LONG_NAME = '아주길고긴이름을가진사람-이름이-몹시-길어요-서른두자까지';

/** Two days of talk. */
async function walk({ mina, juno, sora, me }: Cast): Promise<void> {
  const room = '산책';
  await me.ask({ type: 'topic', room, topic: '주말마다 한 시간씩, 비가 오면 찻집으로' });
  const [place] = await mina.say('다음 주 모임 장소 정했어요?', room);
  await juno.say(['아직이요. 지난번 그 찻집은 어때요?', '조용하고 자리도 넓었잖아요.'], room);
  const [good] = await me.say('좋아요!', room);
  const [when] = await mina.say(['저도 좋아요 😊', '그럼 토요일 두 시로 할까요?'], room);
  await sora.reply(place, 'Sorry, I am late to this. Saturday at two works for me, too.', room);
  const [see] = await me.say(
    ['네, 토요일 두 시에 봐요.', '비가 오면 제가 우산을 몇 개 더 챙겨 갈게요. 작년에 산 것이 아직 많이 남아 있어요.'],
    room,
  );
  const [last] = await juno.say('고마워요 👍', room);
  await mina.react(good, ['👍'], room);
  await juno.react(when ?? 0, ['👍', '🎉'], room);
  await sora.react(when ?? 0, ['👍'], room);
  await me.react(when ?? 0, ['👍'], room);
  await sora.react(see, ['🙏'], room);
  await me.ask({ type: 'read', room, seq: last });
  for (const other of ['개발', '읽은-책', '동네-소식']) await me.follows(other);
  await juno.say(['빌드가 빨라졌어요', '얼마나요?', '절반쯤요'], '개발');
  await mina.say('새 책을 시작했어요', '읽은-책');
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
  {
    name: 'conversation',
    before: async (cast) => {
      await walk(cast);
      await Promise.all([cast.mina.comes('산책'), cast.juno.comes('산책'), cast.sora.comes('산책')]);
    },
    draw: async (stage) => {
      await setTimes(stage.page, WALK_TIMES);
      await stage.open('산책');
      await stage.settle();
    },
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
    name: 'rooms-open',
    before: walk,
    draw: async (stage) => {
      await stage.open('동네-소식');
      // Only what comes while one is there is known for a mention.
      await stage.cast.mina.say('@한가람 이 책 읽어 봤어요?', '읽은-책');
      await stage.page.locator('.rooms-mentioned').waitFor({ state: 'attached' });
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
