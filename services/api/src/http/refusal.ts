import { Problem } from './problem.ts';

/** What an operator must be able to find later. docs/runbook.md explains each of them. */
export type SecurityEvent = 'key_refused' | 'scope_refused' | 'store_refused' | 'login_refused' | 'locked_out' | 'webhook_forged';

/** A problem that is also a security event. */
export class Refusal extends Problem {
  readonly event: SecurityEvent;
  /** Who tried it, where the request has no client: never a secret. */
  readonly principal: string | null;

  constructor(event: SecurityEvent, { code, message, extras }: Problem, principal: string | null = null) {
    super(code, message, extras);
    this.event = event;
    this.principal = principal;
  }
}
