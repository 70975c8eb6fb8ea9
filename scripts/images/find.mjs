const reference = /(docker\.io\/[a-z0-9/_-]+:[\w.-]+)(?:@(sha256:[0-9a-f]{64}))?(?![\w.@-])/g;

/** The images of other projects in a Dockerfile or a compose file. `digest` is null for one that is named by its tag alone. */
export function findImages(text) {
  return Array.from(text.matchAll(reference), ([, name, digest]) => ({ name, digest: digest ?? null }));
}

/** The text with the digest of this image, in place of an older one. */
export function pinned(text, { name, digest }, newDigest) {
  if (!/^sha256:[0-9a-f]{64}$/.test(newDigest)) throw new Error(`${name}: not a digest`);
  return text.replaceAll(digest ? `${name}@${digest}` : name, `${name}@${newDigest}`);
}
