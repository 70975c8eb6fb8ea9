import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findImages, pinned } from './images/find.mjs';

const root = path.resolve(import.meta.dirname, '..');
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const other = `sha256:${'f'.repeat(64)}`;

describe('images of other projects', () => {
  it('in our files are these three, each by a full name, and a further one must be pinned by its digest', () => {
    const found = ['Dockerfile', 'docker-compose.yml'].flatMap((file) => findImages(readFileSync(path.join(root, file), 'utf8')));
    const unpinned = found.filter((image) => !image.digest).map(({ name }) => name.replace(/:.*/, ''));
    const known = ['docker.io/library/node', 'docker.io/library/postgres', 'docker.io/library/redis'];
    expect(unpinned.filter((name) => !known.includes(name))).toEqual([]);
    expect([...new Set(found.map(({ name }) => name.replace(/:.*/, '')))].sort()).toEqual(known);
    const lines = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8').match(/^ *image: .*$/gm) ?? [];
    for (const line of lines) expect(line).toMatch(/image: (docker\.io\/|qris-gateway|\$\{API_IMAGE)/);
  });

  it('get the digest of the registry, also in place of an older one', () => {
    const text = 'image: docker.io/library/redis:7.2-bookworm\n';
    const [image] = findImages(text);
    expect(image).toEqual({ name: 'docker.io/library/redis:7.2-bookworm', digest: null });
    const first = pinned(text, image, digest);
    expect(first).toBe(`image: docker.io/library/redis:7.2-bookworm@${digest}\n`);
    expect(findImages(first)).toEqual([{ name: 'docker.io/library/redis:7.2-bookworm', digest }]);
    expect(pinned(first, findImages(first)[0], other)).toBe(`image: docker.io/library/redis:7.2-bookworm@${other}\n`);
    expect(() => pinned(text, image, 'latest')).toThrow('not a digest');
  });
});
