import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Commands that Redis was sent, by name; what scripts call is counted apart, as `lua`. */
export interface RedisCommands {
  counted(): Record<string, number>;
  close(): void;
}

/** `+1795631977.844759 [0 127.0.0.1:46666] "client" "setname" …`: who sent it, and the command's name. */
const monitorLine = /^\+[\d.]+ \[\d+ (\S+)\] "([^"]*)"/;

/**
 * Redis tells us every command it runs: that costs time, so never measure time beside it. The socket is read here because
 * ioredis' monitor() breaks when the first command arrives in one packet with the `OK`, as it does on a busy machine.
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
      } else if (line !== '+OK') refused(new Error(`Redis does not let its commands be counted: ${line}`));
      else if (answers.push(line) === commands.length) listening();
    });
    socket.write(commands.map((command) => `${command}\r\n`).join(''));
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  return { counted: () => ({ ...counts }), close: () => socket.destroy() };
}
