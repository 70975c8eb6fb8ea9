import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import supertest from 'supertest';
import { type ProblemCode, problems } from '../http/problem-codes.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

const get = (path: string) => supertest(api.url).get(path);
const codes = Object.keys(problems) as ProblemCode[];

describe('the page of an error code', () => {
  it('is what the `type` of an error answer points to', async () => {
    const { body } = await get('/transaction/payments/none');
    expect(body.type).toBe('http://gateway.test/problems/unauthenticated');
    const page = await get(new URL(body.type).pathname);
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    expect(page.text).toContain(body.title);
  });

  it.each(codes)('says what %s means and what to do', async (code) => {
    const { status, title, meaning, action } = problems[code];
    const page = await get(`/problems/${code}`);
    const text = textOf(page.text);
    expect(page.status).toBe(200);
    for (const part of [code, String(status), title, meaning, action]) expect(text).toContain(part.replaceAll('`', ''));
  });

  it('has no script and no inline style, and its policy allows neither', async () => {
    for (const path of ['/problems', '/problems/order_busy']) {
      const { text, headers } = await get(path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self';/);
      expect(text).not.toMatch(/<script|<style|style=/);
    }
  });

  it('links only to pages of the api that exist', async () => {
    for (const path of ['/problems', '/problems/order_busy'])
      for (const [, link = ''] of (await get(path)).text.matchAll(/href="([^"]+)"/g)) {
        const { pathname } = new URL(link, `http://gateway.test${path}`);
        expect([link, (await get(pathname)).status]).toEqual([link, 200]);
      }
  });

  it('does not exist for an unknown code', async () => {
    for (const code of ['none', 'constructor']) {
      const { status, body } = await get(`/problems/${code}`);
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
  });
});

describe('the list of error codes', () => {
  it('has every code, and the OpenAPI document links it', async () => {
    const { text } = await get('/problems');
    for (const code of codes) expect(text).toContain(`href="/problems/${code}"`);
    const { body } = await get('/openapi.json');
    expect(body.externalDocs.url).toBe('http://gateway.test/problems');
    expect(body.components.schemas.Problem.properties.code.enum).toEqual(codes);
  });
});

const entities: Readonly<Record<string, string>> = { '&#39;': "'", '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };

/** What a reader of the page sees, without markup. */
const textOf = (page: string): string => page.replace(/<[^>]+>/g, '').replace(/&#?\w+;/g, (entity) => entities[entity] ?? entity);
