/** Those who are in the pictures: the one who looks, and others who have said something before, or are here meanwhile. */

import { once } from 'node:events';

import { WebSocket } from 'ws';

import type { Server } from '../tests/support/server.ts';

/** What somebody asks of the server: a frame of `madang.v1` without its `clientId`. */
export type Command = { type: string; [field: string]: unknown };

/** Somebody with an identity of their own. */
export class Person {
  readonly #server: Server;
  readonly #cookie: string;
  #socket: WebSocket | undefined;

  constructor(server: Server, cookie: string) {
    this.#server = server;
    this.#cookie = cookie;
  }

  /** Asks the server for an identity, and chooses a name. */
  static async introduce(server: Server, name?: string): Promise<Person> {
    const answer = await fetch(`${server.url}/api/v1/me`);
    const person = new Person(server, answer.headers.getSetCookie()[0]?.split(';')[0] ?? '');
    if (name !== undefined) await person.ask({ type: 'rename', name });
    return person;
  }

  /** The cookie by which the server knows them, as a browser keeps it. */
  get cookie(): { name: string; value: string } {
    const at = this.#cookie.indexOf('=');
    return { name: this.#cookie.slice(0, at), value: this.#cookie.slice(at + 1) };
  }

  /** Asks for all this, in this order, and waits until it is done: the `seq`s it got. */
  async ask(...commands: Command[]): Promise<number[]> {
    const answer = await fetch(`${this.#server.url}/api/v1/commands`, {
      method: 'POST',
      headers: { cookie: this.#cookie, 'content-type': 'application/json' },
      body: JSON.stringify(commands.map((command) => ({ ...command, clientId: crypto.randomUUID() }))),
    });
    const { frames } = (await answer.json()) as { frames: Command[] };
    const refused = frames.find((frame) => frame.type === 'error');
    if (refused) throw new Error(JSON.stringify(refused));
    return frames.filter((frame) => frame.type === 'ack').map((ack) => Number(ack.seq));
  }

  /** Says these texts in a room. */
  async say(texts: string | string[], room = 'lobby'): Promise<number[]> {
    return this.ask(...[texts].flat().map((message) => ({ type: 'post', room, message })));
  }

  /** Answers a message. */
  async reply(replyTo: number | undefined, message: string, room = 'lobby'): Promise<number[]> {
    return this.ask({ type: 'post', room, message, replyTo });
  }

  /** Has read what was said in a room so far, and follows it from now on. */
  async follows(room: string): Promise<void> {
    const [seq] = await this.ask({ type: 'topic', room, topic: '' });
    await this.ask({ type: 'read', room, seq });
  }

  /** Puts emoji to a message. */
  async react(target: number | undefined, emoji: string[], room = 'lobby'): Promise<void> {
    await this.ask(...emoji.map((sign) => ({ type: 'react', room, target, emoji: sign, on: true })));
  }

  /** Is in a room from now on. */
  async comes(room = 'lobby'): Promise<void> {
    const socket = new WebSocket(`${this.#server.socketUrl}/ws`, 'madang.v1', { headers: { cookie: this.#cookie } });
    this.#socket = socket;
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'join', room }));
  }

  /** Is typing in the room they have come to. */
  types(room = 'lobby'): void {
    this.#socket?.send(JSON.stringify({ type: 'typing', room, on: true }));
  }

  /** Is not there any more. */
  goes(): void {
    this.#socket?.terminate();
  }
}

/** All of them. `me` is who looks; a state that is about having no name takes it away by being `nameless`. */
export interface Cast {
  me: Person;
  mina: Person;
  juno: Person;
  sora: Person;
  /** As many more as a state wants. */
  others: (names: (string | undefined)[]) => Promise<Person[]>;
}

/** Gathers them; what is returned beside them sends them home. */
export async function gather(server: Server, isNameless: boolean): Promise<[Cast, () => void]> {
  const all: Person[] = [];
  const others = async (names: (string | undefined)[]) => {
    const people: Person[] = [];
    // One after the other: their colours are chance, their order is not.
    for (const name of names) people.push(await Person.introduce(server, name));
    all.push(...people);
    return people;
  };
  const [me, mina, juno, sora] = await others([isNameless ? undefined : '한가람', '김미나', '이준호', 'Sora']);
  if (!me || !mina || !juno || !sora) throw new Error('there are four of them');
  return [{ me, mina, juno, sora, others }, () => all.forEach((person) => person.goes())];
}
