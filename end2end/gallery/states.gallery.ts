/**
 * Every page and state, in both themes, both languages and three widths, each picture from a server of its own. A new state
 * is a new entry of a list in `states/`. `-g "menu ko dark 320"` draws only what these words fit.
 */

import { join } from 'node:path';

import { type Browser, test } from '@playwright/test';

import { Relay } from '../tests/support/relay.ts';
import { Server } from '../tests/support/server.ts';
import { gather } from './cast.ts';
import { FOLDER } from './contact-sheet.ts';
import { type Language, LANGUAGES, Stage, type State } from './stage.ts';
import { DIALOGS } from './states/dialogs.ts';
import { MESSAGES } from './states/messages.ts';
import { PAGES } from './states/pages.ts';
import { ROOM } from './states/room.ts';
import { TROUBLE } from './states/trouble.ts';
import { WRITING } from './states/writing.ts';

const SCREENS = [
  { width: 320, height: 640 },
  { width: 768, height: 900 },
  { width: 1_280, height: 800 },
];
const THEMES = ['light', 'dark'] as const;

interface Picture {
  lang: Language;
  theme: (typeof THEMES)[number];
  screen: (typeof SCREENS)[number];
}

for (const state of [...ROOM, ...MESSAGES, ...WRITING, ...DIALOGS, ...TROUBLE, ...PAGES]) {
  for (const lang of LANGUAGES) {
    for (const theme of THEMES) {
      for (const screen of SCREENS) {
        test(`${state.name} ${lang} ${theme} ${screen.width}`, async ({ browser }) => {
          const server = await Server.start(['--post-rate', '0', ...(state.flags ?? [])]);
          try {
            await draw(browser, server, state, { lang, theme, screen });
          } finally {
            await server.dispose();
          }
        });
      }
    }
  }
}

async function draw(browser: Browser, server: Server, state: State, { lang, theme, screen }: Picture): Promise<void> {
  const [cast, leave] = await gather(server, state.isNameless ?? false);
  const relay = await Relay.to(server);
  const isPhone = screen.width < 600;
  const context = await browser.newContext({
    colorScheme: theme,
    locale: lang === 'ko' ? 'ko-KR' : 'en-GB',
    timezoneId: 'Asia/Seoul',
    viewport: screen,
    isMobile: isPhone,
    hasTouch: isPhone,
    deviceScaleFactor: 2,
    permissions: ['clipboard-write'],
    baseURL: relay.url,
    ...state.options,
  });
  try {
    await context.addCookies([{ ...cast.me.cookie, url: relay.url }]);
    await state.before?.(cast, lang);
    const page = await context.newPage();
    await state.draw(new Stage(page, lang, screen.width, server, relay, cast));
    await page.screenshot({ path: join(FOLDER, `${state.name}_${lang}_${theme}_${screen.width}.png`), caret: 'initial' });
  } finally {
    leave();
    await context.close();
    await relay.dispose();
  }
}
