import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Counts the commands that Redis receives, by name. Commands that scripts call are counted together, as `lua`. */
export interface RedisCommands {
  counted(): Record<string, number>;
  close(): void;
}

/** `+1795631977.844759 [0 127.0.0.1:46666] "client" "setname" …`: captures the sender and the command's name. */
const monitorLine = /^\+[\d.]+ \[\d+ (\S+)\] "([^"]*)"/;

/**
 * Counts with MONITOR. It slows Redis, so times must not be measured meanwhile. The socket is read here because the monitor() of
 * ioredis fails when the first command arrives in one packet with the `OK`, as on a busy machine.
 */
export async function countRedisCommands(url: string): Promise<RedisCommands> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port || 6379), hostname);
  const counts: Record<string, number> = {};
  const commands = password ? [`AUTH ${username || 'default'} ${password}`, 'MONITOR'] : ['MONITOR'];
  const answers: string[] = [];
  await new Promise<void>((listening, refused) => {
    socket.once('error', refused);
    createInterface({ input: socket }).on('line', (line) => {
      const [, source, command] = monitorLine.exec(line) ?? [];
      if (command !== undefined) {
        const name = source === 'lua' ? 'lua' : command.toLowerCase();
        counts[name] = (counts[name] ?? 0) + 1;
      } else if (line !== '+OK') refused(new Error(`Redis refused MONITOR: ${line}`));
      else if (answers.push(line) === commands.length) listening();
    });
    socket.write(commands.map((command) => `${command}\r\n`).join(''));
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  return { counted: () => ({ ...counts }), close: () => socket.destroy() };
}
