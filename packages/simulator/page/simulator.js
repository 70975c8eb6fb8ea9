// The page of the controls. Every action on it is one call of the table "Controls" in the README.

const refreshEveryMs = 1_500;
const rowsShown = 50;

const byId = (id) => document.getElementById(id);
const numberOr = (input, fallback) => (input.value === '' ? fallback : Number(input.value));
const rupiah = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const clockTime = (iso) => (iso ? iso.slice(0, 19).replace('T', ' ') : '');

/** Calls one control. @throws Error with the message of the control */
async function control(method, path, body) {
  const options = body === undefined ? { method } : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`/control${path}`, options);
  const result = await response.json();
  if (!response.ok) throw new Error(result.message);
  return result;
}

/** Runs one action, then shows its message or its error, and the new state. */
async function act(message, run) {
  try {
    await run();
    byId('message').textContent = message;
    await refresh();
  } catch (error) {
    byId('message').textContent = `Failed: ${error.message}`;
  }
}

const chargeActions = {
  pay: () => ({
    issuer: byId('issuer').value || 'dana',
    amount: numberOr(byId('amount'), null),
    deliveries: numberOr(byId('deliveries'), 1),
    delay_ms: numberOr(byId('delay'), 0),
  }),
  expire: () => ({}),
  fail: () => ({}),
  claim: () => ({ status: 'paid' }),
};

function chargeRow(charge) {
  const row = byId('charge-row').content.cloneNode(true);
  const show = (field, text) => {
    row.querySelector(`[data-field="${field}"]`).textContent = text;
  };
  const differs = charge.paid_amount !== null && charge.paid_amount !== charge.amount;
  show('provider', charge.provider);
  show('reference', charge.reference);
  show('status', charge.status);
  show('amount', rupiah.format(charge.amount) + (differs ? ` (paid ${rupiah.format(charge.paid_amount)})` : ''));
  show('created', clockTime(charge.created_at));
  show('expires', clockTime(charge.expires_at));
  const path = `/charges/${encodeURIComponent(charge.provider_charge_id)}`;
  const qr = row.querySelector('a');
  qr.href = `/control${path}/qr.png`;
  qr.hidden = charge.qr_string === null;
  qr.setAttribute('aria-label', `QR of ${charge.reference}`);
  for (const button of row.querySelectorAll('button')) {
    const name = button.dataset.act;
    button.setAttribute('aria-label', `${button.textContent} ${charge.reference}`);
    button.dataset.key = `${name} ${charge.provider_charge_id}`;
    button.disabled = name === 'pay' ? charge.paid_amount !== null : name !== 'claim' && charge.status !== 'pending';
    button.addEventListener('click', () =>
      act(`${charge.reference}: ${name}`, () => control('POST', `${path}/${name}`, chargeActions[name]())),
    );
  }
  return row;
}

function providerPanel(name, faultNames) {
  const panel = byId('provider-panel').content.cloneNode(true).firstElementChild;
  const input = (field) => panel.querySelector(`[data-input="${field}"]`);
  panel.dataset.provider = name;
  panel.querySelector('legend').textContent = name;
  input('fault').append(...faultNames.map((fault) => new Option(fault, fault)));
  const actions = {
    addFault: () =>
      control('POST', `/${name}/faults`, {
        operation: input('operation').value,
        fault: input('fault').value,
        times: numberOr(input('times'), null),
        delay_ms: numberOr(input('fault_delay'), 0),
      }),
    clearFaults: () => control('DELETE', `/${name}/faults`),
    setDelivery: () =>
      control('POST', `/${name}/webhooks`, {
        drop: numberOr(input('drop'), 0),
        duplicate: numberOr(input('duplicate'), 0),
        bad_signature: numberOr(input('bad_signature'), 0),
        delay_ms: [numberOr(input('delay_min'), 0), numberOr(input('delay_max'), 0)],
        shuffle: input('shuffle').checked,
        seed: numberOr(input('seed'), 1),
      }),
  };
  for (const button of panel.querySelectorAll('button')) {
    const action = actions[button.dataset.act];
    button.addEventListener('click', () => act(`${name}: ${button.textContent}`, action));
  }
  return panel;
}

function showProvider(name, { faults: activeFaults, travel, webhooks }, faultNames) {
  let panel = document.querySelector(`[data-provider="${name}"]`);
  if (!panel) {
    panel = providerPanel(name, faultNames);
    byId('providers').append(panel);
  }
  panel.classList.toggle('faulty', activeFaults.length > 0);
  const descriptions = activeFaults.map(
    (rule) => `${rule.fault} on ${rule.operation}, ${rule.times === null ? 'until cleared' : `${rule.times - rule.applied} more`}`,
  );
  panel.querySelector('[data-field="faults"]').textContent = activeFaults.length > 0 ? `Faults: ${descriptions.join('; ')}` : 'No faults';
  panel.querySelector('[data-field="delivery"]').textContent =
    `Webhook delivery: dropped ${travel.drop}, duplicated ${travel.duplicate}, invalid signature ${travel.bad_signature}, ` +
    `delay ${travel.delay_ms.join(' to ')} ms${travel.shuffle ? ', shuffled' : ''}; ${webhooks.underway} in progress`;
}

/** Shows the current state of the simulator. A focused button keeps the focus. */
async function refresh() {
  const query = new URLSearchParams({ limit: String(rowsShown) });
  if (byId('reference').value) query.set('reference', byId('reference').value);
  if (byId('status').value) query.set('status', byId('status').value);
  const [{ charges }, state] = await Promise.all([control('GET', `/charges?${query}`), control('GET', '/')]);
  const focused = document.activeElement?.dataset?.key;
  byId('charges').replaceChildren(...charges.map(chargeRow));
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  for (const [name, provider] of Object.entries(state.providers)) showProvider(name, provider, state.fault_names);
  const dropped = state.charges.dropped > 0 ? `, ${state.charges.dropped} of the oldest dropped` : '';
  byId('summary').textContent =
    `${clockTime(state.clock.now)} UTC at speed ${state.clock.speed}; ${state.charges.kept} charges${dropped}; ${state.calls.total} calls`;
}

byId('set-speed').addEventListener('click', () =>
  act('Clock speed set', () => control('POST', '/clock', { speed: numberOr(byId('speed'), 1) })),
);
byId('advance-hour').addEventListener('click', () =>
  act('Clock advanced by one hour', () => control('POST', '/clock', { advance_ms: 3_600_000 })),
);
byId('reset').addEventListener('click', () => act('Simulator reset', () => control('POST', '/reset')));
for (const id of ['reference', 'status']) byId(id).addEventListener('input', () => void refresh());

async function refreshPeriodically() {
  try {
    if (!document.hidden) await refresh();
  } catch {
    byId('summary').textContent = 'The simulator is unavailable.';
  }
  setTimeout(refreshPeriodically, refreshEveryMs);
}

void refreshPeriodically();
