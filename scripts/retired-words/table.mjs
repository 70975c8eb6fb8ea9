/**
 * The retired words and what to write instead. docs/glossary.md defines the words in use. `[words, instead]`: the words of one row are
 * separated by commas. A phrase is found across line ends, and in a name whatever joins its words (`takeDown`, `take-down`, `TAKE_DOWN`).
 * A phrase in camel case or with a hyphen is refused as one word only: "by hand" may be written in a sentence.
 */

/** Refused everywhere: in names, comments, texts and file names. */
export const anywhere = [
  ['rumour, rumours', 'webhook notice, reported status'],
  ['bell, bells', 'wake-up'],
  ['befall, befalls, befell', 'apply (a fault)'],
  ['sickness, sicknesses, illness, illnesses', 'outage, provider failure'],
  ['ward', 'outage run'],
  ['warden, wardens', 'watchdog'],
  ['workshop', 'worker harness, work directory'],
  ['front desk', 'api harness'],
  ['weather', 'provider faults'],
  ['forecast', 'provider state'],
  ['upkeep', 'maintenance'],
  ['hasten, hastens, hastened', 'expedite'],
  ['rebel, rebels, rebellion', 'failing trigger'],
  ['errand, errands', 'options'],
  ['surroundings', 'context'],
  ['stand-in, stand-ins', 'provider fake'],
  ['post office', 'delivery queue'],
  ['in vain', 'simulated, without effect'],
  ['take down, takes down, took down, taken down', 'cancel, close'],
  ['strange refund, strange refunds', 'external refund'],
  ['lookAgain, lookForAgain', 'reschedule'],
  ['byHand', 'in process'],
  ['inHand', 'in flight, running'],
  ['awaitedLater', 'handled'],
  ['askNow', 'request and wait'],
  ['whatIsWrong', 'validation errors'],
  ['reloadOnHangUp', 'reload on SIGHUP'],
  ['in boxes', 'with containers'],
  ['the whole house', 'all services'],
  ['left in peace', 'circuit breaker open'],
  ['all the same', 'anyway, or the reason'],
  ['whoever', 'the subject: the caller, the process'],
  ['nobody, somebody, everybody', 'the subject: no caller, another process, every screen'],
];

/** Refused in names that the project declares: variables, parameters, functions, types, members, keys, files, CSS classes. */
export const inNames = [
  ['ring, rings, rang', 'wake, signal'],
  ['tell, tells, told, telling', 'publish, write, reply, apply'],
  ['say, says, said', 'print, log, text, answer'],
  ['hear, hears, heard', 'receive, subscribe, wait for'],
  ['turn, turns', 'poll slot, position, permit'],
  ['claims, claimed', 'reported status, lease number, registered'],
  ['trouble', 'error, open breaker, backoff'],
  ['rest', 'other, or what is left'],
  ['floor, ground', 'watermark, dependencies'],
  ['looks', 'polls, checks, retry delays'],
  ['ladder, pauses', 'retry delays, retry schedule'],
  ['doubt, doubts, doubtful', 'unconfirmed, conflict, held for review'],
  ['owe, owes, owed', 'due, deferred'],
  ['given', 'variables, options, values'],
  ['news', 'webhook, event, update, change'],
  ['well, ill, sky', 'healthy, failing, condition'],
  ['room, door, house, world, desk', 'the process under test, or what it is'],
  ['hire, hired, hires', 'spawn, child'],
  ['orphan, orphans', 'stale process'],
  ['birth', 'start time'],
  ['cable', 'TCP proxy'],
  ['letter, letters', 'delivery'],
  ['ear', 'subscriber'],
  ['course, laws, trial', 'case state, invariants, dry run'],
  ['ledger', 'log, slots'],
  ['shuffler', 'reorder buffer'],
];

/** Refused in declared names that are exactly this, and have this form. */
export const exactNames = [
  { name: 'nothing', form: 'function', instead: 'unchanged, none' },
  { name: 'is', form: 'key', instead: 'kind (a discriminant)' },
];

/** Refused in comments, log messages, errors, help texts, CLI output and documents: they hide the subject or the fact. */
export const inTexts = [
  ['shall', 'the present tense'],
  ['keeper, keepers', 'maintainer'],
  ['stranger, strangers', 'another tenant, a reader, a client without a key'],
  ['the world', 'subscribers'],
  ['the truth', 'the source of truth'],
  ['news', 'webhook, event, update'],
  ['is out, are out', 'is unavailable'],
  ['is away, are away, was away, were away', 'is unavailable, is offline'],
  ['host serves, hosts serve', 'is ready'],
  ['has trouble, have trouble, had trouble', 'error'],
  ['gives back, gave back, given back', 'refunds'],
  ['comes to nothing, came to nothing', 'fails'],
  ['as agreed', 'valid, expected'],
  ['so to speak', 'nothing: leave it out'],
  ['what became of', 'the result of'],
  ['looks again', 'retries, polls'],
  ['told of', 'receives'],
  ['by itself', 'automatically'],
];

/** Passages in which no word is refused: the API, stored data, the environment and the trade use them. */
export const allowed = [
  /\bhost_not_told(?:_yet)?\b|\bworkers_told\b/g, // a stored value, an error reason and a field of --json
  /\bwatch_until\b|\bwatchUntil\b|\bstore_claims\b/g, // columns and a table
  /\/claim\b|\btravel\b|\bsoak:travel\b/g, // controls of the simulator and a command
  /\bBREAKER_REST_MS\b|\bHOST_PATIENCE_MS\b|\bgateway:refusal\b/g, // environment and a Redis key
  /\bSlotLedger\b|\bslotLedger\b|\bclaimsAhead\b|\bclaimDue\w*|\bclaimForCaller\b/g,
  /\bwell-?[kK]nown\b|\bwell-?[fF]ormed\b|\bOIDC claims\b|\.\.\.rest\b|\bMath\.floor\b|\bdead[- ]letters?\b/g,
  /\bUnix user [`'"]?nobody\b/g,
  /\b(?:is|are)\s+out\s+of\b/g,
  /\bground-layer\b/g, // the title of ADR 0014
];

/** Words of `inNames` that are allowed below a path. */
export const allowedIn = [
  { path: 'packages/soak/test/worlds', words: ['world'] }, // a seeded world: docs/glossary.md
  { path: 'packages/bench/', words: ['floor'] }, // the two floors that the benchmark compares with
  { path: 'packages/testing/src/operator/identity-provider.ts', words: ['claims'] }, // settings of oidc-provider
  { path: 'packages/host-kit/src/expectations.ts', words: ['says'] }, // a key of tests/expect.yaml
];
