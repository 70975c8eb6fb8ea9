import { allowedText, providerKind, providerNames } from '@gateway/shared/provider';
import type { paymentRecord, providerCalls } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { codeOf, duration } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { withoutPersonal } from './hide-personal.ts';

/** What proves a step, as a person may read it. */
export interface Evidence {
  /** One line that says what it is. */
  name: string;
  text: string;
  /** The part of the address of its own page, for what may be too long for the page of a payment. */
  id?: string;
}

/** A stored row, or what of it belongs to the step. */
export const rowEvidence = ({ texts }: View, row: object, name = texts.storedRow): Evidence => ({
  name,
  text: JSON.stringify(withoutPersonal(JSON.parse(JSON.stringify(row))), null, 2),
});

/** What was sent to a provider, and what it answered. The row has no secret and no personal data. */
export function callEvidence(view: View, call: providerCalls.RecordedCall): Evidence {
  const { id, method, path, request, status, headers, answer } = call;
  const sent = [`${method} ${path}`, request === null ? '' : readable(request)];
  const received = status === null ? [resultOf(view, call)] : [`HTTP ${status}`, ...headerLines(headers), readable(answer ?? '')];
  const name = fillIn(view.texts.callEvidence, { method, path, result: resultOf(view, call), time: duration(view, call.durationMs) });
  return {
    id: `call-${id}`,
    name,
    text: [...sent, '', ...received].filter((line, index, all) => line !== '' || all[index - 1] !== '').join('\n'),
  };
}

export const resultOf = (view: View, { status, failure }: providerCalls.RecordedCall): string =>
  status === null ? fillIn(view.texts.notAnswered, { failure: codeOf(view, failure ?? '') }) : fillIn(view.texts.answered, { status });

const headerLines = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`);

/** With line breaks. A text that was cut is no JSON any more and stays as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The bytes of a webhook as they were received, without what may be about the payer. */
export const webhookEvidence = ({ texts }: View, { id, provider, raw }: paymentRecord.StoredWebhook): Evidence => ({
  id: `webhook-${id}`,
  name: fillIn(texts.webhookBytes, { id, bytes: raw.length }),
  text: providerNames.includes(provider) ? allowedText(raw.toString('utf8'), providerKind(provider).evidence.webhook) : '[hidden]',
});

/** What opens below a step, or a link to its own page. */
export const evidenceHtml = ({ href }: View, paymentId: string, { name, text, id }: Evidence, isInline: boolean): Html => {
  if (isInline) return html`<details><summary>${name}</summary><pre>${text}</pre></details>`;
  return id === undefined ? html`` : html`<p><a href="${href(`/payments/${paymentId}/evidence/${id}`)}">${name}</a></p>`;
};

/** How many bytes a text takes on a page. */
export const sizeOf = (text: string): number => Buffer.byteLength(html`${text}`.text);
