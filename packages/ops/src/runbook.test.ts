import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { causes } from '@gateway/operations';
import { discrepancyReasons } from '@gateway/shared/payment';
import { checkoutDir } from '@gateway/testing/checkout';
import { opsCommands } from './commands.ts';

const runbook = readFileSync(path.join(checkoutDir, 'docs/runbook.md'), 'utf8');

const sources = (folder: string): string =>
  readdirSync(path.join(checkoutDir, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(path.join(checkoutDir, folder, file), 'utf8'))
    .join('\n');
const found = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([, name]) => name as string))];

describe('the runbook', () => {
  it.each(Object.keys(causes))('and both pages about going live explain the cause %s', (cause) => {
    for (const page of ['docs/go-live.md', 'docs/go-live.id.md'])
      expect(readFileSync(path.join(checkoutDir, page), 'utf8')).toMatch(new RegExp(`^\\| .*\`${cause}\``, 'm'));
  });

  it.each(discrepancyReasons)('explains the discrepancy reason %s', (reason) => {
    expect(runbook).toMatch(new RegExp(`^\\| .*\`${reason}\``, 'm'));
  });

  it.each(found(sources('packages/operations/src/audit'), /(?:name: |rule: |finding\()'([a-z]+_[a-z_]+)'/g))(
    'explains the audit rule %s',
    (rule) => {
      expect(runbook).toMatch(new RegExp(`^\\| I\\d .*\`${rule}\``, 'm'));
    },
  );

  it.each(
    found(
      ['packages/shared/src', 'services/api/src', 'services/worker/src', 'services/notifier/src'].map(sources).join('\n'),
      /name: '(gateway_\w+)'/g,
    ),
  )('explains the metric %s', (metric) => {
    expect(runbook).toMatch(new RegExp(`^\\| .*\`${metric}\``, 'm'));
  });

  it.each(opsCommands.map(({ words }) => words))('lists ops -- %s', (words) => {
    expect(runbook).toContain(`\`ops -- ${words}`);
  });
});
