// What a client of the former document can no longer rely on. docs/versioning.md says the same in words.

const methods = ['get', 'put', 'post', 'delete', 'patch'];

/** @returns one line for each change that breaks a client */
export function breakingChanges(before, after) {
  const found = [];
  const report = (where, what) => found.push(`${where}: ${what}`);
  for (const [kind, items] of [
    ['', before.paths ?? {}],
    ['webhook ', before.webhooks ?? {}],
  ]) {
    const nowItems = (kind ? after.webhooks : after.paths) ?? {};
    for (const [path, item] of Object.entries(items))
      for (const method of methods.filter((name) => item[name])) {
        const where = `${kind}${method.toUpperCase()} ${path}`;
        const now = nowItems[path]?.[method];
        if (!now) report(where, 'was removed');
        else compareOperation({ where, report, before, after, sends: kind !== '' }, item[method], now);
      }
  }
  return [...new Set(found)];
}

function compareOperation(context, old, now) {
  const { where, report, sends } = context;
  if (old.operationId !== now.operationId) report(where, `operationId ${old.operationId} became ${now.operationId}`);
  const known = new Map((old.parameters ?? []).map((each) => [`${each.in} ${each.name}`, each]));
  const present = new Map((now.parameters ?? []).map((each) => [`${each.in} ${each.name}`, each]));
  for (const name of known.keys()) if (!present.has(name)) report(where, `parameter ${name} was removed`);
  for (const [name, { required }] of present)
    if (required && !known.get(name)?.required) report(where, `parameter ${name} is required now`);
  const scopes = (operation) => JSON.stringify(operation.security ?? []);
  if (scopes(old) !== scopes(now)) report(where, `security ${scopes(old)} became ${scopes(now)}`);
  const body = (operation) => operation.requestBody?.content?.['application/json']?.schema;
  if (!body(old) && now.requestBody?.required) report(where, 'a body is required now');
  if (body(old)) compareSchema(context, 'body', body(old), body(now), sends ? 'answer' : 'request');
  for (const [status, answer] of Object.entries(old.responses ?? {})) {
    const schema = answer.content?.['application/json']?.schema;
    if (!now.responses?.[status]) {
      if (status.startsWith('2')) report(where, `answer ${status} was removed`);
    } else if (schema)
      compareSchema(context, `answer ${status}`, schema, now.responses[status].content?.['application/json']?.schema, 'answer');
  }
}

/** A request may be accepted in more forms and an answer may have more fields; the opposite breaks. */
function compareSchema(context, at, oldSchema, nowSchema, direction, depth = 0) {
  const { where, report, before, after } = context;
  const old = resolve(oldSchema, before);
  const now = nowSchema && resolve(nowSchema, after);
  if (!now) return report(where, `${at} has no schema any more`);
  if (depth > 8) return;
  const types = ({ type, anyOf = [] }, document) => [type ?? anyOf.map((part) => resolve(part, document).type)].flat(2).filter(Boolean);
  const [oldTypes, nowTypes] = [types(old, before), types(now, after)];
  const unexpected =
    direction === 'request' ? oldTypes.filter((type) => !nowTypes.includes(type)) : nowTypes.filter((type) => !oldTypes.includes(type));
  if (oldTypes.length > 0 && unexpected.length > 0) report(where, `${at}: type ${oldTypes} became ${nowTypes}`);
  if (direction === 'request' && now.enum) {
    const lost = (old.enum ?? []).filter((value) => !now.enum.includes(value));
    if (lost.length > 0 || !old.enum) report(where, `${at}: values ${old.enum ? lost : 'other than a list'} are refused now`);
  }
  for (const [name, field] of Object.entries(old.properties ?? {})) {
    if (now.properties?.[name]) compareSchema(context, `${at}.${name}`, field, now.properties[name], direction, depth + 1);
    else report(where, `${at}.${name} was removed`);
  }
  const required = ({ required: names = [] }) => names;
  const [stricter, looser] = direction === 'request' ? [now, old] : [old, now];
  for (const name of required(stricter).filter((each) => !required(looser).includes(each)))
    if (direction === 'request' || now.properties?.[name])
      report(where, `${at}.${name} ${direction === 'request' ? 'is required now' : 'may be missing now'}`);
  if (old.items && now.items) compareSchema(context, `${at}[]`, old.items, now.items, direction, depth + 1);
}

function resolve(schema, document) {
  return schema.$ref ? resolve(document.components.schemas[schema.$ref.replace('#/components/schemas/', '')], document) : schema;
}
