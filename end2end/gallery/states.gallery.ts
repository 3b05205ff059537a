/** Every page and state, in both themes, both languages and three widths. A new state is a new entry of `STATES`. */

import { join } from 'node:path';

import { type APIRequestContext, type Browser, type BrowserContextOptions, type Page, test } from '@playwright/test';

import { Program } from '../tests/support/program.ts';
import { Relay } from '../tests/support/relay.ts';
import { Server } from '../tests/support/server.ts';
import { setTimes } from '../tests/support/times.ts';
import { FOLDER } from './contact-sheet.ts';

const SCREENS = [
  { width: 320, height: 640 },
  { width: 768, height: 900 },
  { width: 1_280, height: 800 },
];
const THEMES = ['light', 'dark'] as const;
const LANGUAGES = ['ko', 'en'] as const;

type Language = (typeof LANGUAGES)[number];

/** What a state is drawn on. */
interface Stage {
  page: Page;
  lang: Language;
  width: number;
  server: Server;
  relay: Relay;
  /** Opens a room of this state's server and waits until it is alive. */
  open: (room?: string) => Promise<void>;
  /** Writes a text and sends it. */
  say: (text: string) => Promise<void>;
}

interface State {
  name: string;
  flags?: string[];
  options?: BrowserContextOptions;
  /** What was said before anybody looks; `me` says it as the one who looks. */
  before?: (say: Record<'mina' | 'juno' | 'sora' | 'me', (texts: string[], room?: string) => Promise<void>>) => Promise<void>;
  draw: (stage: Stage) => Promise<void>;
}

const LIVE = { ko: '실시간', en: 'Live' };
const CUT = { ko: '끊김', en: 'Offline' };
const ROOMS = { ko: '방 목록', en: 'Rooms' };
const SETTINGS = { ko: '설정', en: 'Settings' };
const RETRY = { ko: '다시 보내기', en: 'Send again' };

const CODE = `fn main() {
    let words = ["마당", "yard"];
    for word in words.iter().filter(|word| word.len() > 4) {
        println!("{word}: a line that is longer than any phone is wide, to see what becomes of it");
    }
}`;

const STATES: State[] = [
  { name: 'empty', draw: async ({ open }) => open() },
  {
    name: 'conversation',
    before: async ({ mina, juno, sora, me }) => {
      await mina(['다음 주 모임 장소 정했어요?'], '산책');
      await juno(['아직이요. 지난번 그 찻집은 어때요?', '조용하고 자리도 넓었잖아요.'], '산책');
      await me(['좋아요!'], '산책');
      await mina(['저도 좋아요 😊', '그럼 토요일 두 시로 할까요?'], '산책');
      await sora(['Sorry, I am late to this. Saturday at two works for me, too.'], '산책');
      await me(['네, 토요일 두 시에 봐요.', '비가 오면 제가 우산을 몇 개 더 챙겨 갈게요. 작년에 산 것이 아직 많이 남아 있어요.'], '산책');
      await juno(['고마워요 👍'], '산책');
    },
    draw: async ({ page, open }) => {
      await setTimes(page, [
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
      ]);
      await open('산책');
    },
  },
  {
    name: 'long-words',
    before: async ({ mina, me }) => {
      await mina([
        'https://example.org/a-very-long-address/without-any-place-to-break/0123456789012345678901234567890123456789',
        '가나다라마바사아자차카타파하'.repeat(8),
        '👩‍👩‍👧‍👦🎉',
        'שלום עולם, مرحبا بالعالم',
      ]);
      await me([CODE, '여러 줄로\n나누어\n쓴 글', '긴 이야기를 하나 하자면, '.repeat(30)]);
    },
    draw: async ({ open }) => open(),
  },
  {
    name: 'long-name-and-history',
    before: async ({ mina, juno }) => {
      const room = '긴-이름을-가진-방-긴-이름을-가진-방';
      for (let number = 0; number < 40; number += 2) {
        await mina([`${number}번째 말`], room);
        await juno([`${number + 1}번째 말`, '그리고 한마디 더'], room);
      }
    },
    draw: async ({ page, open }) => {
      await page.route('**/api/v1/rooms/*/messages*', () => {});
      await open('긴-이름을-가진-방-긴-이름을-가진-방');
      await page.locator('.timeline-above').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'rooms-open',
    draw: async ({ page, open, lang, width }) => {
      await open('산책');
      if (width < 768) await page.getByRole('button', { name: ROOMS[lang] }).click();
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'settings',
    draw: async ({ page, open, lang, width }) => {
      await open();
      if (width < 768) await page.getByRole('button', { name: ROOMS[lang] }).click();
      await page.getByRole('button', { name: SETTINGS[lang], exact: true }).click();
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'offline',
    before: async ({ juno }) => juno(['거기 있어요?']),
    draw: async ({ page, open, say, relay, lang }) => {
      await open();
      relay.down();
      await page.getByText(CUT[lang], { exact: true }).waitFor();
      await say('연결되면 갈 말');
      await page.locator('.message-pending').waitFor();
    },
  },
  {
    name: 'failed-message',
    before: async ({ juno }) => juno(['보내 볼래요?']),
    draw: async ({ page, open, say, lang }) => {
      await page.routeWebSocket('**/ws', (near) => {
        const far = near.connectToServer();
        near.onMessage((text) => {
          const frame = JSON.parse(text.toString());
          if (frame.type !== 'post') return far.send(text);
          near.send(JSON.stringify({ type: 'error', code: 'badRoom', message: '', clientId: frame.clientId }));
        });
      });
      await open();
      await say('받아 주지 않는 말');
      await page.getByRole('button', { name: RETRY[lang] }).waitFor();
    },
  },
  {
    name: 'refused',
    before: async ({ juno }) => juno(['길게 써 봐요']),
    draw: async ({ page, open, say }) => {
      await open();
      await say('아주 긴 말 '.repeat(700));
      await page.locator('.notice-on').waitFor();
    },
  },
  {
    name: 'without-javascript',
    options: { javaScriptEnabled: false },
    before: async ({ mina, me }) => {
      await mina(['스크립트 없이도 읽을 수 있어요.']);
      await me(['쓸 수도 있고요.']);
    },
    draw: async ({ page, server }) => {
      await page.goto(server.url);
    },
  },
  {
    name: 'not-found',
    draw: async ({ page, server }) => {
      await page.goto(`${server.url}/nothing/here`);
    },
  },
  {
    name: 'not-a-room',
    draw: async ({ page, server }) => {
      await page.goto(`${server.url}/rooms/${encodeURIComponent('Not A Room')}`);
    },
  },
];

for (const state of STATES) {
  test(state.name, async ({ browser }) => {
    const server = await Server.start(['--post-rate', '0', ...(state.flags ?? [])]);
    try {
      const me = await browser.newContext({ baseURL: server.url });
      await me.request.get('/api/v1/me');
      await state.before?.(await speakers(server, me.request));
      const storageState = await me.storageState();
      for (const lang of LANGUAGES) {
        for (const theme of THEMES) {
          for (const screen of SCREENS) {
            const path = join(FOLDER, `${state.name}_${lang}_${theme}_${screen.width}.png`);
            const options = { ...state.options, storageState, colorScheme: theme, locale: lang === 'ko' ? 'ko-KR' : 'en-GB' };
            await draw(browser, server, state, { lang, screen, path, options });
          }
        }
      }
    } finally {
      await server.dispose();
    }
  });
}

interface Picture {
  lang: Language;
  screen: { width: number; height: number };
  path: string;
  options: BrowserContextOptions;
}

async function draw(browser: Browser, server: Server, state: State, picture: Picture): Promise<void> {
  const { lang, screen, path, options } = picture;
  const relay = await Relay.to(server);
  const context = await browser.newContext({
    ...options,
    timezoneId: 'Asia/Seoul',
    viewport: screen,
    isMobile: screen.width < 600,
    hasTouch: screen.width < 600,
    deviceScaleFactor: 2,
    baseURL: relay.url,
  });
  try {
    const page = await context.newPage();
    const input = page.locator('.composer-input');
    await state.draw({
      page,
      lang,
      width: screen.width,
      server,
      relay,
      open: async (room) => {
        await page.goto(room === undefined ? '/' : `/rooms/${encodeURIComponent(room)}`);
        await page.getByText(LIVE[lang], { exact: true }).waitFor();
      },
      say: async (text) => {
        await input.fill(text);
        await page.locator('.composer-send').click();
        await page.mouse.move(0, 0);
      },
    });
    await page.screenshot({ path });
  } finally {
    await context.close();
    await relay.dispose();
  }
}

async function speakers(server: Server, request: APIRequestContext) {
  const [mina, juno, sora] = await Promise.all([1, 2, 3].map(() => Program.introduce(server)));
  if (!mina || !juno || !sora) throw new Error('there are three of them');
  return {
    mina: mina.say.bind(mina),
    juno: juno.say.bind(juno),
    sora: sora.say.bind(sora),
    me: async (texts: string[], room = 'lobby') => {
      for (const message of texts) {
        const data = { clientId: crypto.randomUUID(), message };
        await request.post(`/api/v1/rooms/${encodeURIComponent(room)}/messages`, { data });
      }
    },
  };
}
