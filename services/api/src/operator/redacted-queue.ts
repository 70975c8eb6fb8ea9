import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { redact } from '@gateway/shared/runtime';
import type { Job, Queue } from 'bullmq';

/** The fields of a job's data that are shown: our own ids. All other fields are hidden. */
const visibleFields: ReadonlySet<string> = new Set(['host', 'paymentId', 'inboxId', 'refundId', 'hostWriteId', 'no', 'leaseNo']);
const redactedText = '[redacted]';

/** A queue as Bull Board shows it: read-only, and every text of a job passes through `redact`. */
export function redactedQueue(queue: Queue): BullMQAdapter {
  const adapter = new RedactedQueue(queue, { readOnlyMode: true, allowRetries: false });
  adapter.setFormatter('data', onlyIds);
  adapter.setFormatter('returnValue', redactValue);
  adapter.setFormatter('progress', redactValue);
  adapter.setFormatter('name', ({ name }: { name: string }) => redact(name));
  return adapter;
}

/** Bull Board's formatters do not reach error texts, stack traces, logs and flows. Those are redacted when jobs are read. */
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

  /** The gateway uses no flows. Bull Board would read them without this adapter, so without redaction. */
  override async getFlowProducer(): Promise<null> {
    return null;
  }

  /** The template is left out, because it contains a job's data. */
  override async getJobSchedulers(): ReturnType<BullMQAdapter['getJobSchedulers']> {
    return (await super.getJobSchedulers()).map(({ template: _, ...scheduler }) => scheduler);
  }
}

/** Changes the copy in this process, which Bull Board turns into JSON. The job in Redis stays as it is. */
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
