import { promises as dns } from 'node:dns';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { environment } from './environment.ts';

/** Which addresses the gateway may call on behalf of a caller. Everything else could reach into the network that the gateway stands in. */
export interface NetworkRule {
  /** Why this URL may not be called; null: it may, if its name leads to allowed addresses only. Asks no name server. */
  problemOf(url: URL): string | null;
  /** Whether a call by this protocol may go to this address. */
  isAllowed(address: string, protocol: string): boolean;
  /**
   * The addresses of the URL's name, all of them allowed. They must be the ones that are called: a second look-up may give others.
   * @throws AddressRefused, and errors of the name server
   */
  resolve(url: URL): Promise<string[]>;
}

/** A URL that may not be called. Its message is for the owner of the URL. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Finds the addresses of a name. @throws when there is none */
export type Resolve = (hostname: string) => Promise<string[]>;

const withPrefix = (cidrs: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const cidr of cidrs) addSubnet(list, cidr);
  return list;
};

function addSubnet(list: BlockList, cidr: string): void {
  const [network = '', prefix] = cidr.split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  list.addSubnet(network, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
}

/** Source: IANA IPv4 Special-Purpose Address Registry, read 2026-11-27. The last one is public by its number, and Azure's own service. */
const refusedIpv4 = withPrefix([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16/32',
]);

/** Only global unicast is in use on the internet. Source: IANA IPv6 Global Unicast Address Assignments, read 2026-11-27. */
const globalIpv6 = withPrefix(['2000::/3']);
/** Parts of it that lead elsewhere: special purpose, documentation, and 6to4, whose addresses contain an IPv4 address. */
const refusedIpv6 = withPrefix(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

const isPublic = (address: string): boolean =>
  isIPv4(address) ? !refusedIpv4.check(address, 'ipv4') : globalIpv6.check(address, 'ipv6') && !refusedIpv6.check(address, 'ipv6');

/** The IPv4 address that an IPv4-mapped IPv6 address stands for: the system connects to it. Other addresses stay as they are. */
export function unmapped(address: string): string {
  const text = new URL(`http://${isIPv4(address) ? address : `[${address.replace(/%.*$/, '')}]`}`).hostname.replace(/^\[|\]$/g, '');
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return text;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** Whether a text is a network such as `10.1.0.0/16` or `fd00::/8`, or one address. */
export function isNetwork(text: string): boolean {
  const [network = '', prefix, ...rest] = text.split('/');
  const family = isIP(network);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** The variable of an installation that calls endpoints in its own network. */
export const networkEnvironment = {
  WEBHOOK_ALLOWED_NETWORKS: environment
    .list('')
    .refine((networks) => networks.every(isNetwork), 'must be networks such as 10.1.0.0/16 or fd00::/8 (several with commas)'),
};

const loopback = ['127.0.0.0/8', '::1'];

/**
 * @param allowedNetworks networks that are allowed though they are not public, also by http
 * @param isLocalStack allows the addresses of this machine, too
 */
export function createNetworkRule({
  allowedNetworks,
  isLocalStack,
  resolve = resolveByDns,
}: {
  allowedNetworks: readonly string[];
  isLocalStack: boolean;
  resolve?: Resolve;
}): NetworkRule {
  const own = withPrefix([...allowedNetworks, ...(isLocalStack ? loopback : [])]);
  const isOwn = (address: string): boolean => own.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  const hasOwn = allowedNetworks.length > 0 || isLocalStack;

  const isAllowed = (address: string, protocol: string): boolean => {
    const plain = unmapped(address);
    return isOwn(plain) || (protocol === 'https:' && isPublic(plain));
  };
  const problemOf = (url: URL): string | null => {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && hasOwn)) return 'must begin with https://';
    if (url.username !== '' || url.password !== '') return 'must not contain a user name or a password';
    const host = hostOf(url);
    if (host === '') return 'must name a host';
    return isIP(host) !== 0 && !isAllowed(host, url.protocol) ? refused : null;
  };
  return {
    problemOf,
    isAllowed,
    resolve: async (url) => {
      const problem = problemOf(url);
      if (problem) throw new AddressRefused(problem);
      const host = hostOf(url);
      const addresses = isIP(host) === 0 ? await resolve(host) : [host];
      if (!addresses.every((address) => isAllowed(address, url.protocol))) throw new AddressRefused(refused);
      return addresses;
    },
  };
}

const refused = 'must be an address of the public internet; private, loopback, link-local, carrier and metadata addresses are refused';

/**
 * Asks the name servers of this machine, 4 s at most. `dns.lookup` would run in Node's thread pool, where a name server that hangs holds up
 * every other look-up of the process. Files such as /etc/hosts are not read; `localhost` is this machine, as RFC 6761 says.
 */
async function resolveByDns(hostname: string): Promise<string[]> {
  if (/(^|\.)localhost$/i.test(hostname)) return ['127.0.0.1', '::1'];
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length === 0) throw new Error('the name has no address');
  return addresses;
}
