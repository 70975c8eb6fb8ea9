// node scripts/pm.mjs scripts/lifecycle-diagram.mjs: writes the states of a payment into the README, between its two markers.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transitions } from '../packages/shared/src/payment/payment-lifecycle.ts';

const readme = path.resolve(import.meta.dirname, '../README.md');
const block = /(?<=<!-- lifecycle:start -->\n)[\s\S]*?(?=<!-- lifecycle:end -->)/;

if (import.meta.main) {
  const text = readFileSync(readme, 'utf8');
  if (!block.test(text)) throw new Error('README.md has no markers lifecycle:start and lifecycle:end');
  writeFileSync(readme, text.replace(block, lifecycleBlock));
}

/** The README's present block. */
export function currentBlock() {
  return block.exec(readFileSync(readme, 'utf8'))?.[0];
}

/** The lifecycle table as a Mermaid diagram, followed by a table that says when each event occurs. */
export function lifecycleBlock() {
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> created', ...arrows(), '```', '', ...eventTable(), ''].join('\n');
}

function arrows() {
  const steps = transitions.flatMap(({ from, to, event }) => from.map((status) => ({ arrow: `${status} --> ${to}`, event })));
  const byArrow = Map.groupBy(steps, ({ arrow }) => arrow);
  return [...byArrow].map(([arrow, rows]) => `  ${arrow}: ${rows.map(({ event }) => event).join(', ')}`);
}

function eventTable() {
  const rows = transitions.map(({ event, to, when }) => [`\`${event}\``, `\`${to}\``, when]);
  const table = [['event', 'new status', 'when'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(table[0]), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
