import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { redact } from '@gateway/shared/runtime';
import type { Job, Queue } from 'bullmq';

/** What a job's data may show: our own ids, and nothing that somebody put beside them. */
const visibleFields: ReadonlySet<string> = new Set(['host', 'paymentId', 'inboxId', 'refundId', 'hostWriteId', 'no', 'leaseNo']);
const redactedText = '[redacted]';

/** A queue as the board may see it: to look at only, and with every text of a job read through `redact`. */
export function redactedQueue(queue: Queue): BullMQAdapter {
  const adapter = new RedactedQueue(queue, { readOnlyMode: true, allowRetries: false });
  adapter.setFormatter('data', onlyIds);
  adapter.setFormatter('returnValue', redactValue);
  adapter.setFormatter('progress', redactValue);
  adapter.setFormatter('name', ({ name }: { name: string }) => redact(name));
  return adapter;
}

/** The board's formatters do not reach error texts, stacks, logs and flows: those are covered where jobs are read. */
class RedactedQueue extends BullMQAdapter {
  override async getJob(id: string): Promise<Job | undefined> {
    const job = await super.getJob(id);
    return job && withoutSecrets(job);
  }

  override async getJobs(...args: Parameters<BullMQAdapter['getJobs']>): Promise<Job[]> {
    return (await super.getJobs(...args)).map(withoutSecrets);
  }

  override async getJobLogs(id: string): Promise<string[]> {
    return (await super.getJobLogs(id)).map(redact);
  }

  /** We have no flows; the board would read them past this adapter. */
  override async getFlowProducer(): Promise<null> {
    return null;
  }

  /** A template holds a job's data. */
  override async getJobSchedulers(): ReturnType<BullMQAdapter['getJobSchedulers']> {
    return (await super.getJobSchedulers()).map(({ template: _, ...scheduler }) => scheduler);
  }
}

/** Changes the copy in this process, which the board turns into JSON. What is in Redis stays. */
function withoutSecrets(job: Job): Job {
  const texts: Partial<Record<'failedReason' | 'deferredFailure', string>> = job;
  if (texts.failedReason) texts.failedReason = redact(texts.failedReason);
  if (texts.deferredFailure) texts.deferredFailure = redact(texts.deferredFailure);
  job.stacktrace = job.stacktrace?.map((stack) => stack && redact(stack)) ?? [];
  return job;
}

function onlyIds(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return redactedText;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, visibleFields.has(name) ? redactValue(value) : redactedText]),
  );
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  return value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean' ? value : redactedText;
}
