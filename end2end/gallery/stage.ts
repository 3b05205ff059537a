/** What a state is drawn on: a page that one of the cast looks at. */

import type { BrowserContextOptions, Locator, Page } from '@playwright/test';

import type { Relay } from '../tests/support/relay.ts';
import type { Server } from '../tests/support/server.ts';
import type { Cast } from './cast.ts';

export const LANGUAGES = ['ko', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A page, and the network and the people behind it. */
export class Stage {
  constructor(
    readonly page: Page,
    readonly lang: Language,
    readonly width: number,
    readonly server: Server,
    readonly relay: Relay,
    readonly cast: Cast,
  ) {}

  /** Whether the rooms are a drawer. */
  get isNarrow(): boolean {
    return this.width < 768;
  }

  /** The rows of the timeline. */
  get rows(): Locator {
    return this.page.locator('.message');
  }

  /** Opens a room and waits until it is alive. */
  open = async (room?: string): Promise<void> => {
    await this.page.goto(room === undefined ? '/' : `/rooms/${encodeURIComponent(room)}`);
    await this.page.locator('.heading-line:not([title=""])').waitFor({ state: 'attached' });
  };

  /** Writes a text, without sending it. */
  write = async (text: string): Promise<void> => {
    await this.page.locator('.composer-input').fill(text);
  };

  /** Writes a text and sends it. */
  say = async (text: string): Promise<void> => {
    await this.write(text);
    await this.page.locator('.composer-send').click();
    await this.page.mouse.move(0, 0);
  };

  /** Opens the menu of a row; counts from the end when it is negative. */
  menu = async (at: number): Promise<void> => {
    await this.rows.nth(at).scrollIntoViewIfNeeded();
    await this.rows.nth(at).locator('.message-more').click();
    await this.page.locator('#menu').waitFor();
    await this.settle();
  };

  /** Presses what does this, wherever it is seen. */
  act = async (name: string, within = ''): Promise<void> => {
    await this.page.locator(`${within} [data-act="${name}"]`).first().click();
  };

  /** Opens the rooms where they are a drawer. */
  drawer = async (): Promise<void> => {
    if (this.isNarrow) await this.page.locator('.heading-rooms').click();
    await this.settle();
  };

  /** Opens the dialog by something, and waits for what the server draws in it. */
  dialog = async (open: () => Promise<void>): Promise<void> => {
    await open();
    await this.page.locator('#dialog-title:not(.dialog-waiting)').waitFor();
    await this.settle();
  };

  /** Waits until nothing moves. */
  settle = async (): Promise<void> => {
    await this.page.waitForTimeout(350);
  };
}

/** Something to be seen. */
export interface State {
  name: string;
  flags?: string[];
  options?: BrowserContextOptions;
  /** Whether the one who looks has no name yet. */
  isNameless?: boolean;
  /** What happened before anybody looks. */
  before?: (cast: Cast, lang: Language) => Promise<unknown>;
  draw: (stage: Stage) => Promise<unknown>;
}
