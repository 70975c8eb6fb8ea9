const parts = /^([a-z][a-z+]*:\/\/)([^/?#]*@)?([^@/?#]*)(.*)$/s;

/**
 * One URL for each host of a URL that may name several servers: `postgres://user@a:5432,b/db` names the hosts `a` and `b`. Each has the user,
 * the password, the path and the parameters of the whole. Empty: the text is no URL.
 */
export function serverUrls(text: string): URL[] {
  const [, scheme, user = '', hosts, remainder] = parts.exec(text) ?? [];
  if (scheme === undefined || hosts === undefined) return [];
  const several = hosts.split(',').map((host) => `${scheme}${user}${host}${remainder}`);
  const isValid = several.every((url) => URL.canParse(url)) && (several.length === 1 || hosts.split(',').every(Boolean));
  return isValid ? several.map((url) => new URL(url)) : [];
}

/** The first of them, for what all have in common. @throws TypeError when the text is no URL */
export const serverUrl = (text: string): URL => serverUrls(text)[0] ?? new URL(text);

/** The hosts with their ports, for a message that must not show the password: `a:5432,b:5432`. */
export const hostsOf = (text: string): string =>
  serverUrls(text)
    .map(({ host }) => host)
    .join(',');
