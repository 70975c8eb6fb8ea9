// node scripts/pm.mjs scripts/images.mjs check|pin
// check: names each container image of ours that has no digest, and exits with 1. A tag may be moved to another content; a digest may not.
// pin: asks the registry for the digest of each tag and writes it into the files. Needs a network; read the change before you commit it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findImages, pinned } from './images/find.mjs';

const root = path.resolve(import.meta.dirname, '..');
const files = ['Dockerfile', 'docker-compose.yml'];
const command = process.argv[2];

if (command === 'check') {
  const open = files.flatMap((file) =>
    findImages(read(file))
      .filter(({ digest }) => !digest)
      .map(({ name }) => `${file}: ${name} has no digest`),
  );
  for (const line of open) console.log(line);
  process.exit(open.length > 0 ? 1 : 0);
} else if (command === 'pin') {
  for (const file of files) {
    let text = read(file);
    for (const image of findImages(text)) text = pinned(text, image, await digestOf(image.name));
    writeFileSync(path.join(root, file), text);
  }
} else {
  console.error('expected check or pin');
  process.exit(1);
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}

/** The digest of a tag at Docker Hub, for all platforms. Source: Docker Registry HTTP API V2, "Existing manifests". */
async function digestOf(name) {
  const [, repository, tag] = /^docker\.io\/([^:]+):(.+)$/.exec(name) ?? [];
  if (!tag) throw new Error(`${name}: expected docker.io/<repository>:<tag>`);
  const tokenUrl = `https://auth.docker.io/token?service=registry.docker.io&scope=repository:${repository}:pull`;
  const { token } = await (await fetch(tokenUrl)).json();
  const response = await fetch(`https://registry-1.docker.io/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json',
    },
  });
  const digest = response.headers.get('docker-content-digest');
  if (!response.ok || !digest) throw new Error(`${name}: the registry answered ${response.status}`);
  return digest;
}
