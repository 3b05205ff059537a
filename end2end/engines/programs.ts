/** Programs that a driver runs beside the test, ended with it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const START_MS_MAX = 30_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) end(child);
});

/** Starts a program as the first of its process group. Its file descriptor 3 can be read, too. */
export function start(program: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(program, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  // Said again by whoever waits for the program’s words.
  child.once('error', () => running.delete(child));
  return child;
}

/** Ends a program and all it has started. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  end(child);
  await ended;
}

/** Waits for a line that matches, on any of the program’s outputs: what the first pair of parentheses holds. */
export async function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    const give = (why: string) => reject(new Error(`${child.spawnfile} ${why}:\n${lines.join('\n')}`));
    const timer = setTimeout(() => give(`did not say ${pattern}`), START_MS_MAX);
    child.once('error', (error) => give(error.message));
    child.once('exit', (code) => give(`ended with ${code}`));
    for (const output of child.stdio.slice(1)) {
      createInterface({ input: output as Readable }).on('line', (line) => {
        lines.push(line);
        const found = pattern.exec(line)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      });
    }
  });
}

function end(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It had ended by itself.
  }
}
