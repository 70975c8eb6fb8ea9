import { AddressRefused, createNetworkRule, isNetwork, type NetworkRule } from './network-rule.ts';

/** Spellings of addresses that no endpoint may have: each one reaches, or would reach, something that is not the public internet. */
const refusedUrls = [
  // this machine
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.1/',
  'https://0x7f.0.0.1/',
  'https://0x7f000001/',
  'https://2130706433/',
  'https://017700000001/',
  'https://0177.0.0.1/',
  'https://127.255.255.254/',
  'https://0.0.0.0/',
  'https://0/',
  'https://0.0.0.1/',
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://shop.localhost/',
  'https://[::1]/',
  'https://[::]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:ffff:127.0.0.1]/',
  'https://[::127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b::127.0.0.1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:7f00:1::]/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://127.0.0.1:8443/',
  // private, carrier and reserved networks
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://167772161/',
  'https://012.0.0.1/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.0.1/',
  'https://192.168.1/',
  'https://0xc0a80001/',
  'https://100.64.0.1/',
  'https://100.127.255.255/',
  'https://192.0.0.1/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://224.0.0.1/',
  'https://239.255.255.255/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  'https://[::ffff:10.0.0.1]/',
  'https://[fc00::1]/',
  'https://[fd12:3456::1]/',
  'https://[fe80::1]/',
  'https://[febf::1]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://[100::1]/',
  // metadata services
  'https://169.254.169.254/latest/meta-data/',
  'https://[::ffff:169.254.169.254]/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://[fd00:ec2::254]/',
  'https://100.100.100.200/',
  'https://192.0.0.192/',
  'https://168.63.129.16/',
  // not https, or with credentials
  'http://93.184.216.34/',
  'ftp://93.184.216.34/',
  'file:///etc/passwd',
  'https://user@93.184.216.34/',
  'https://user:password@93.184.216.34/',
  'https://93.184.216.34@127.0.0.1/',
];

const publicRule = createNetworkRule({ allowedNetworks: [], isLocalStack: false });
const resolving = (...addresses: string[]) =>
  createNetworkRule({ allowedNetworks: [], isLocalStack: false, resolve: async () => addresses });
const resolve = (rule: NetworkRule, url: string) => rule.resolve(new URL(url));

describe('a shop', () => {
  it.each(refusedUrls)('does not call %s', async (url) => {
    await expect(resolve(publicRule, url)).rejects.toThrow(AddressRefused);
  });

  it.each(['https://93.184.216.34/hook', 'https://93.184.216.34:8443/hook', 'https://[2606:2800:220:1::1]/', 'https://8.8.8.8./'])(
    'calls %s',
    async (url) => {
      expect(await resolve(publicRule, url)).toHaveLength(1);
    },
  );

  it.each([
    ['one address of its own network', ['10.0.0.5']],
    ['a public and a private address', ['93.184.216.34', '192.168.0.9']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['a link-local address with its zone', ['fe80::1%eth0']],
  ])('does not call a name that has %s', async (_what, addresses) => {
    await expect(resolve(resolving(...addresses), 'https://hook.example.id/')).rejects.toThrow(AddressRefused);
  });

  it('calls a name whose addresses are all public', async () => {
    const rule = resolving('93.184.216.34', '2606:2800:220:1::1');
    expect(await resolve(rule, 'https://hook.example.id/')).toEqual(['93.184.216.34', '2606:2800:220:1::1']);
  });
});

describe('an allowed network', () => {
  const own = createNetworkRule({ allowedNetworks: ['10.1.0.0/16', 'fd00:1::/32'], isLocalStack: false });

  it.each(['http://10.1.2.3/', 'https://10.1.2.3/', 'http://[fd00:1::5]:8080/', 'http://[::ffff:10.1.2.3]/'])(
    'is called: %s',
    async (url) => {
      expect(await resolve(own, url)).toHaveLength(1);
    },
  );

  it.each(['http://10.2.0.1/', 'http://93.184.216.34/', 'http://127.0.0.1/', 'http://user@10.1.2.3/'])(
    'opens nothing else: %s',
    async (url) => {
      await expect(resolve(own, url)).rejects.toThrow(AddressRefused);
    },
  );

  it.each([
    ['10.1.0.0/16', true],
    ['fd00::/8', true],
    ['10.1.2.3', true],
    ['10.1.0.0/33', false],
    ['10.1/16', false],
    ['shop.example.id', false],
    ['10.1.0.0/16/8', false],
  ])('is written as an address and a prefix: %s is %s', (text, isValid) => {
    expect(isNetwork(text)).toBe(isValid);
  });
});

describe('a local stack', () => {
  const local = createNetworkRule({ allowedNetworks: [], isLocalStack: true });

  it.each(['http://127.0.0.1:8000/hook', 'http://localhost:8000/hook', 'https://[::1]/', 'http://127.1/'])(
    'calls this machine: %s',
    async (url) => {
      expect(await resolve(local, url)).not.toHaveLength(0);
    },
  );

  it.each(['http://0.0.0.0:8000/', 'http://0/', 'http://[::]/', 'http://10.0.0.1/', 'http://169.254.169.254/'])(
    'calls nothing else: %s',
    async (url) => {
      await expect(resolve(local, url)).rejects.toThrow(AddressRefused);
    },
  );
});
