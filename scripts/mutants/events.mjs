const events = (name) => `packages/shared/src/store/events/${name}`;
const relay = 'services/notifier/src/relay.test.ts';
const restored = 'services/notifier/src/restored-backup.test.ts';

/** The history of events, the outbox, its numbering and what is marked as published. */
export const eventMutants = [
  {
    file: events('events.ts'),
    tests: [events('events.test.ts')],
    mutants: [
      {
        text: 'on conflict (host, order_key, payment_id) do nothing',
        replacement: 'on conflict (host, order_key, payment_id) do update set release = excluded.release',
        why: 'the kitchen would cook a payment twice',
      },
      {
        text: "insertEvent('from released'",
        replacement: "insertEvent('from (select 1 as release) released'",
        why: 'the kitchen would cook a payment twice',
      },
      { text: 'coalesce(max(release), 0) + 1, $2', replacement: '1, $2', why: 'an order that is paid again would not be released' },
      {
        text: 'where host = $8 and order_key = $7',
        replacement: 'where order_key = $7',
        why: 'orders with the same key at two hosts would share their numbers',
      },
      {
        text: 'returning event_id)`;',
        replacement: 'where false returning event_id)`;',
        why: 'an event would be stored and never published',
      },
    ],
  },
  {
    file: 'packages/shared/src/store/migrations/0002-events.ts', // the functions with which the relay works on the outbox
    tests: [relay],
    mutants: [
      {
        text: 'and o.position is null and o.id > above_id',
        replacement: 'and o.id > above_id',
        why: 'an event would be numbered again after it was published',
      },
      {
        text: 'o.published_at is null and o.position is null and o.id > above_id',
        replacement: 'o.position is null and o.id > above_id',
        why: 'rows would be read that are published',
        equivalent:
          'only a numbered row is ever marked as published, so a row without a position is unpublished; the condition lets the query use the index of unpublished rows',
      },
      {
        text: ' and exists (select from gateway.stores s where s.store_id = o.store_id)',
        replacement: '',
        why: 'one unregistered store would use up the batch, and block every other store',
      },
      { text: 'set last_seq = s.last_seq + c.n', replacement: 'set last_seq = s.last_seq', why: 'two events would have one number' },
      {
        text: 'over (partition by w.store_id order by w.id) as seq',
        replacement: 'over (partition by w.store_id order by w.id desc) as seq',
        why: 'payment.paid would come before payment.pending',
      },
      {
        text: 'using (store_id) order by w.id) in_order',
        replacement: 'using (store_id) order by w.id desc) in_order',
        why: 'the events of a store would be published in the wrong order',
      },
      {
        text: 'order by o.position, o.id limit max_events for update of o)',
        replacement: 'order by o.position, o.id limit max_events)',
        why: 'two relays would number the same events',
        equivalent:
          'every transaction that changes an appended outbox row holds the relay’s lock, so no other one can touch these rows meanwhile',
      },
      {
        text: 'where o.published_at is null and o.position > above_position order by o.position',
        replacement: 'where o.position > above_position order by o.position',
        why: 'published events would be published again and again',
      },
      {
        text: 'o.position > above_position order by o.position limit max_events',
        replacement: 'o.position > above_position order by o.position desc limit max_events',
        why: 'a screen would get the newest event first and refuse the older ones',
      },
      {
        text: 'if not pg_try_advisory_xact_lock(',
        replacement: 'if null = (',
        why: 'two relays would number at the same time',
        tests: [events('outbox.test.ts')],
      },
      {
        text: 'position between published_from and published_to;',
        replacement: 'position >= published_from;',
        why: 'events that were not published yet would be marked as published',
        tests: [events('outbox.test.ts')],
      },
      {
        text: 'where published_at is null and position between published_from',
        replacement: 'where position between published_from',
        why: 'the time of publication would be overwritten',
        tests: [events('outbox.test.ts')],
      },
      {
        text: 'where published_at is null and position is null and id > above_id)',
        replacement: 'where published_at is null and position is null and id < above_id)',
        why: 'a new event would wait for the next full scan',
        tests: [events('outbox.test.ts')],
      },
      {
        text: 'and position > above_position);',
        replacement: 'and position < above_position);',
        why: 'a numbered event of a relay that died would wait for the next full scan',
        tests: [events('outbox.test.ts')],
      },
    ],
  },
  {
    file: events('outbox.ts'),
    tests: [events('outbox.test.ts')],
    mutants: [
      {
        text: 'where published_at is null and position between $1 and $2',
        replacement: 'where published_at is null and position >= $1 and $2::bigint > 0',
        why: 'events that were not published yet would be marked as published',
      },
      {
        text: 'where published_at is null and position between $1 and $2',
        replacement: 'where published_at is null and position <= $2 and $1::bigint > 0',
        why: 'an event of a failed run would be marked as published',
        equivalent:
          'events are published from the lowest unpublished position on, without a gap, so there is none below the first one of the run',
      },
      {
        text: 'where published_at is null and position between',
        replacement: 'where position between',
        why: 'the time of publication would be overwritten',
      },
      {
        text: 'return rows[0]?.position === null ? null : rows;',
        replacement: 'return rows;',
        why: 'a relay that found another one at work would publish an event that does not exist',
      },
    ],
  },
  {
    file: 'services/notifier/src/relay.ts',
    tests: [relay],
    mutants: [
      {
        text: 'if (!(error instanceof PublishFailed)) relay.unmarked = null;',
        replacement: 'relay.unmarked = null;',
        why: 'events that were published before Redis failed would be published twice when Redis is emptied',
      },
      {
        text: 'if (marks) marked(relay, marks);',
        replacement: '',
        why: 'the watermark would stay, and each run would read every published event',
      },
    ],
  },
  {
    file: events('sequences.ts'),
    tests: [events('sequences.test.ts')],
    mutants: [
      {
        text: 's.last_seq < h.seq or not exists (',
        replacement: 's.last_seq < h.seq and not exists (',
        why: 'one number would name two events after a restore',
        tests: [restored],
      },
      {
        text: 'o.seq = h.seq and o.event_id = h.event_id',
        replacement: 'o.seq = h.seq',
        why: 'one number would name two events after a restore',
        tests: [restored],
      },
      {
        text: 'where s.last_seq < h.seq or l.seq <= h.seq',
        replacement: 'where l.seq <= h.seq',
        why: 'a restored backup without pending events would not be noticed',
        tests: [restored],
      },
      {
        text: 'where s.last_seq < h.seq or l.seq <= h.seq',
        replacement: 'where s.last_seq < h.seq',
        why: 'a published event would be published again with another body',
      },
      {
        text: 'set last_seq = greatest(s.last_seq, c.seq),',
        replacement: 'set last_seq = s.last_seq,',
        why: 'new events would get numbers that screens have seen',
      },
      {
        text: 'replay_from = greatest(s.last_seq, c.seq) + 1',
        replacement: 'replay_from = s.replay_from',
        why: 'a screen would wait for events that are lost',
      },
      { text: ' and c.is_unknown\n', replacement: '\n', why: 'every restart of the relay would reset the sequence' },
      {
        text: 'and o.published_at is null and o.position > 0)',
        replacement: 'and o.position > 0)',
        why: 'published events would be published again under new numbers',
        tests: [restored],
      },
      {
        text: 'not c.is_unknown and o.published_at',
        replacement: 'o.published_at',
        why: 'events that no screen has seen would be marked as published',
      },
      { text: 'o.seq <= c.seq)', replacement: 'o.seq < c.seq)', why: 'the last published event would be published twice' },
      {
        text: '    if (!(await outbox.tryLock(trx))) return null;',
        replacement: '    await outbox.tryLock(trx);',
        why: 'a sequence would be reset while another relay numbers',
      },
    ],
  },
];
