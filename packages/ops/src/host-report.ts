import { styleText } from 'node:util';
import type { CaseVerdict, DryRun, DryStep, TableUse } from '@gateway/host-kit';
import { plainTable, renderTable } from '@gateway/operations';
import { type FileVerdict, formatProblem, type HostCheck, type HostFolder } from '@gateway/shared/host';

const good = (text: string): string => `${mark('green', '✓')} ${text}`;
const bad = (text: string): string => `${mark('red', '✗')} ${text}`;

/** Always coloured: `runCli` removes the colours when the output is not a terminal. */
const mark = (colour: 'green' | 'red', text: string): string => styleText(colour, text, { validateStream: false });

/** One line per file, or one per problem of the file. */
export const checkReport = ({ verdicts }: HostCheck): string => verdicts.flatMap(verdictLines).join('\n');

function verdictLines({ file, problems, planned }: FileVerdict): string[] {
  if (problems.length > 0) return problems.map((problem) => bad(formatProblem(problem)));
  return [good(`${file}: fits${planned ? '' : ' (not planned: its policies may need a tenant; pass --order and --tenant)'}`)];
}

export function caseReport({ name, problems }: CaseVerdict): string {
  return problems.length === 0 ? good(name) : [bad(name), ...problems.map((problem) => `  ${problem}`)].join('\n');
}

/** The order as it was read, the amount that would be charged, and the rows that each step would write. */
export function dryRunReport({ read, bill, refusal, items, steps }: DryRun, { tolerance }: Pick<HostFolder['money'], 'tolerance'>): string {
  const parts: string[] = [];
  if (read) {
    const { order, lines, charges } = read;
    parts.push(
      `order ${order.orderNumber} (${order.orderKey}) of store ${order.storeId}, tenant ${order.tenant}: total ${order.total}, paid ${order.paid} ${order.currency}`,
      indented(
        renderTable(
          plainTable(lines, { SKU: (l) => l.sku, NAME: (l) => l.name, QUANTITY: (l) => l.quantity, TOTAL: (l) => l.lineTotal }, 'no lines'),
        ),
      ),
      indented(
        renderTable(plainTable(charges, { CHARGE: (c) => c.kind, AMOUNT: (c) => c.amount, INCLUDED: (c) => c.included }, 'no charges')),
      ),
    );
  }
  if (refusal !== null) parts.push(bad(`cannot be charged: ${refusal}`));
  if (bill) {
    parts.push(
      good(
        `${tolerance === null ? 'not reconciled' : 'lines and charges add up to the total'}; due ${bill.due}, charged ${bill.amount}, residue ${bill.residue}, recorded ${bill.recordAmount}`,
      ),
      'as a provider would list it',
      indented(renderTable(plainTable(items, { ITEM: (i) => i.name, PRICE: (i) => i.price, QUANTITY: (i) => i.quantity }, 'no items'))),
      ...steps.map(stepLine),
      'All of this was rolled back; only sequences have advanced.',
    );
  }
  return parts.join('\n');
}

function stepLine({ name, outcome, asItShould, rows }: DryStep): string {
  const wrote = rows.length > 0 ? `: ${rows.map(rowsOf).join(', ')}` : '';
  const what = {
    took_effect: `took effect${wrote}`,
    refused: 'no row: refused',
    absent: 'the host has no statement for it',
    raised: outcome.kind === 'raised' ? `raised: ${outcome.postgres}` : '',
    nothing_due: 'nothing is due',
    due: outcome.kind === 'due' ? `${outcome.amount} is still due` : '',
  }[outcome.kind];
  return (asItShould ? good : bad)(`${name}: ${what}${asItShould ? '' : expected[name]}`);
}

const expected: Readonly<Record<DryStep['name'], string>> = {
  created: '. A payable order must get its payment: check the conditions of created.sql',
  paid: '. A payment that was just created must be payable: check the conditions of paid.sql',
  'read again':
    '. A paid order owes nothing: order.sql must count this payment in its paid amount. A host that books later says so in host.yaml',
  'paid again': '. A second run must change nothing: compare the state in the where of paid.sql',
  expired: '. An expiry must not override paid: compare the state in the where of expired.sql',
  failed: '',
  cancelled: '',
  refunded: '',
  'created anew': '. After an expired QR the order must get its next payment: check the conditions of created.sql',
  'paid anew': '. The payment after an expired QR must be payable: check the conditions of paid.sql',
  'paid by both QRs': '. An order that is paid must refuse other money: compare the amount due in the where of paid.sql',
};

function rowsOf({ table: name, inserted, updated, deleted }: TableUse): string {
  const counts = Object.entries({ inserted, updated, deleted }).filter(([, rows]) => rows > 0);
  return `${name} ${counts.map(([what, rows]) => `${rows} ${what}`).join(', ')}`;
}

const indented = (text: string): string => text.replace(/^/gm, '  ');
