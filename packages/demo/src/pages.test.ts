import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import express from 'express';
import supertest from 'supertest';
import { demoPages } from './pages.ts';

const visitor = supertest(express().use(demoPages({ simulatorUrl: 'http://127.0.0.1:3010' })));
const paths = ['/', '/cashier', '/kitchen', '/phone'];

describe('each page', () => {
  it.each(paths)('%s has a policy that forbids inline scripts and styles, and contains none', async (path) => {
    const { headers, text } = await visitor.get(path);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]* src=)/);
  });

  it.each(paths)('%s is in the requested language, else in the one that the browser prefers', async (path) => {
    const langOf = async (query: string, preferred: string) =>
      /<html lang="(..)">/.exec((await visitor.get(`${path}${query}`).set('accept-language', preferred)).text)?.[1];
    expect(
      await Promise.all([langOf('', 'id'), langOf('', 'en'), langOf('', 'fr'), langOf('?lang=id', 'en'), langOf('?lang=en', 'id')]),
    ).toEqual(['id', 'en', 'en', 'id', 'en']);
  });

  it.each(paths)('%s refers only to files that exist, and browsers may cache them', async (path) => {
    const { text } = await visitor.get(path);
    const assets = [...text.matchAll(/(?:src|href)="(\/pages\/[^"]+)"/g)].map(([, asset]) => asset as string);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const { status, headers } = await visitor.get(asset);
      expect([asset, status, headers['cache-control']]).toEqual([asset, 200, 'public, max-age=31536000, immutable']);
    }
  });

  it('gets browser modules without types, and every module that one of them imports', async () => {
    const { text } = await visitor.get('/cashier');
    const modules = [...text.matchAll(/(?:src|href)="(\/pages\/[^"]+\.ts)"/g)].map(([, module]) => module as string);
    for (const module of modules) {
      const { headers, text: source } = await visitor.get(module);
      expect(headers['content-type']).toMatch(/^text\/javascript/);
      expect(source).not.toContain('@gateway/');
      for (const [, imported] of source.matchAll(/(?:from |import\()'(\.[^']+)'/g))
        expect((await visitor.get(new URL(imported as string, `http://page${module}`).pathname)).status).toBe(200);
    }
  });
});

describe('the product’s api', () => {
  let api: ApiHarness;
  beforeAll(async () => {
    api = await startApiHarness();
  });
  afterAll(() => api.close());

  it('has no pages, no demo orders and no simulator controls', async () => {
    const closed = [...paths, '/demo/orders?store_id=JKT-01', '/simulator/control/'];
    const answers = await Promise.all(closed.map((path) => supertest(api.url).get(path).set('authorization', `Bearer ${api.key}`)));
    expect(answers.map(({ status }) => status)).toEqual(closed.map(() => 404));
  });
});
