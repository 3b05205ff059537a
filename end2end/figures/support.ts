/** Rooms to be measured in, and what a page tells of itself. */

import type { Browser, BrowserContextOptions, CDPSession, Page } from '@playwright/test';

import { Person } from '../gallery/cast.ts';
import type { Server } from '../tests/support/server.ts';

/** Commands in one request: the most the server takes. */
const PER_REQUEST = 100;

/** What people say, by number: short and long, plain and marked, in lines and in one. */
function text(number: number): string {
  const kinds = [
    `${number}번째 말입니다`,
    `길게 말하자면 ${'이런저런 이야기를 '.repeat(2 + (number % 9))}${number}`,
    `**굵게** 말하고 \`코드\`도 보이며 https://example.com/${number} 도 적습니다`,
    `여러\n줄에 걸친\n말 ${number}`,
    `😀 ${number}`,
  ];
  return kinds[number % kinds.length] ?? '';
}

/** Those who talk. */
async function speakers(server: Server): Promise<Person[]> {
  return Promise.all(['김미나', '이준호', 'Sora', '박하늘'].map((name) => Person.introduce(server, name)));
}

/** Says so many things in a room, by turns. */
export async function fill(server: Server, room: string, count: number): Promise<void> {
  const people = await speakers(server);
  for (let from = 0; from < count; from += PER_REQUEST) {
    const person = people[(from / PER_REQUEST) % people.length];
    const texts = Array.from({ length: Math.min(PER_REQUEST, count - from) }, (_, at) => text(from + at));
    await person?.say(texts, room);
  }
}

/** Somebody who keeps talking. */
export class Talk {
  /** How many messages are on the disk. */
  said = 0;
  #isOver = false;
  readonly #done: Promise<void>;

  private constructor(people: Person[], room: string, perSecond: number) {
    this.#done = this.#run(people, room, perSecond);
  }

  /** Begins: so many messages a second, spread evenly. */
  static async begin(server: Server, room: string, perSecond: number): Promise<Talk> {
    return new Talk(await speakers(server), room, perSecond);
  }

  /** Ends it, when all that was said is on the disk. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #run(people: Person[], room: string, perSecond: number): Promise<void> {
    const began = performance.now();
    const open = new Set<Promise<unknown>>();
    for (let number = 0; !this.#isOver; number++) {
      const due = began + (number * 1_000) / perSecond;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const said = people[number % people.length]?.say(text(number), room).then(() => {
        this.said++;
        open.delete(said as Promise<unknown>);
      });
      if (said) open.add(said);
    }
    await Promise.all(open);
  }
}

declare global {
  interface Window {
    figures: {
      /** When the page was connected and could be used, in milliseconds since it was asked for. */
      usable: number;
      /** The sum of layout shifts that nobody asked for. */
      shift: number;
      /** The most rows there ever were. */
      rows: number;
      /** The page's linear memory. */
      memory?: WebAssembly.Memory;
      /** Frames that took longer than 50 ms (Long Animation Frames API): when they began, how long they took, and the scripts. */
      frames: { at: number; ms: number; scripts: { ms: number; by: string }[] }[];
      /** How long keys took from press to paint, in milliseconds (Event Timing API; shorter than 16 are not told). */
      keys: number[];
    };
  }
}

/** Opens a room in a browser that has never been there, and waits until it can be used and all is loaded. */
export async function open(
  browser: Browser,
  server: Server,
  room: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ ...options, baseURL: server.url, locale: 'ko-KR' });
  const page = await context.newPage();
  await observe(page);
  await page.goto(`/rooms/${room}`);
  await page.waitForFunction(() => window.figures.usable > 0);
  await page.waitForLoadState('networkidle');
  const tells = await page.evaluate(() => PerformanceObserver.supportedEntryTypes);
  if (!tells.includes('long-animation-frame')) throw new Error('this browser does not tell of long frames');
  return page;
}

/** The place of the last message on the page. */
export async function last(page: Page): Promise<number> {
  return page.evaluate(() => Number(document.querySelector('.messages')?.lastElementChild?.getAttribute('data-seq')));
}

/** Lets a page take notes of itself. To be called before it is opened. */
async function observe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const figures: Window['figures'] = { usable: 0, shift: 0, rows: 0, frames: [], keys: [] };
    window.figures = figures;
    const rows = document.getElementsByClassName('message');
    const look = () => {
      figures.rows = Math.max(figures.rows, rows.length);
      if (!figures.usable && document.querySelector('.heading-line:not([title=""])')) figures.usable = performance.now();
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributeFilter: ['title'] });

    const watch = (type: string, take: (entry: any) => void, more = {}) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
    watch('layout-shift', (entry) => {
      if (!entry.hadRecentInput) figures.shift += entry.value;
    });
    watch('long-animation-frame', (entry) => {
      const scripts = entry.scripts.map((it: any) => ({ ms: it.duration, by: it.invoker }));
      figures.frames.push({ at: entry.startTime, ms: entry.duration, scripts });
    });
    watch('event', (entry) => entry.name === 'keydown' && figures.keys.push(entry.duration), { durationThreshold: 16 });

    for (const name of ['instantiate', 'instantiateStreaming'] as const) {
      const made = WebAssembly[name] as (...words: unknown[]) => Promise<any>;
      (WebAssembly as any)[name] = async (...words: unknown[]) => {
        const result = await made.apply(WebAssembly, words);
        const { exports } = result.instance ?? result;
        figures.memory = Object.values(exports).find((it) => it instanceof WebAssembly.Memory) as WebAssembly.Memory;
        return result;
      };
    }
  });
}

/** What a page keeps, in bytes and in numbers. */
export interface Kept {
  /** Of JavaScript, what is reachable. */
  heap: number;
  /** WASM's linear memory, which never shrinks. */
  wasm: number;
  nodes: number;
}

/** Measures what a page keeps, after collecting what it does not. */
export async function kept(page: Page, devtools: CDPSession): Promise<Kept> {
  // The second one collects what the first one's finalizers let go.
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { nodes } = await devtools.send('Memory.getDOMCounters');
  const wasm = await page.evaluate(() => window.figures.memory?.buffer.byteLength);
  if (wasm === undefined) throw new Error('the page’s WASM was not found');
  return { heap: usedSize, wasm, nodes };
}
