/** The sockets that a page has opened, and the frames that went over them. */

import { expect, type Page, type WebSocket } from '@playwright/test';

/** A frame of `madang.v1`. */
export interface Frame {
  type: string;
  [field: string]: unknown;
}

/** One socket. */
export class Line {
  readonly url: string;
  readonly sent: Frame[] = [];
  readonly received: Frame[] = [];
  isOpen = true;

  constructor(socket: WebSocket) {
    this.url = socket.url();
    socket.on('framesent', ({ payload }) => this.sent.push(JSON.parse(payload.toString())));
    socket.on('framereceived', ({ payload }) => this.received.push(JSON.parse(payload.toString())));
    socket.on('close', () => (this.isOpen = false));
  }

  get isJoined(): boolean {
    return this.isOpen && this.received.some((frame) => frame.type === 'joined');
  }
}

/** All sockets of a page, in the order in which they were opened; those of the documents before a reload included. */
export class Lines {
  readonly all: Line[] = [];

  constructor(page: Page) {
    page.on('websocket', (socket) => this.all.push(new Line(socket)));
  }

  get open(): Line[] {
    return this.all.filter((line) => line.isOpen);
  }

  /** The texts the page has posted, over all its sockets. What is sent again stands here again. */
  get posted(): unknown[] {
    const sent = this.all.flatMap((line) => line.sent);
    return sent.filter((frame) => frame.type === 'post').map((frame) => frame.message);
  }

  /** Waits until one of the sockets, from number `from` on, has joined a room. */
  async joined(from = 0): Promise<void> {
    const isJoined = () => this.all.slice(from).some((line) => line.isJoined);
    await expect.poll(isJoined, 'the page has joined its room').toBe(true);
  }
}
