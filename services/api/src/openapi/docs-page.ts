import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Router } from 'express';

const assets = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>QRIS payment gateway: API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/init.js"></script>
</body>
</html>
`;

/** `/docs`: the API to read and to try. Every file of the page is served from here: it loads nothing from another host. */
export function docsPage(): Router {
  const router = express.Router();
  router.use((_req, res, next) => {
    res.setHeader('Content-Security-Policy', policy);
    next();
  });
  router.get('/', (_req, res) => void res.type('html').send(page));
  router.get(
    '/init.js',
    (_req, res) =>
      void res
        .type('js')
        .send(
          "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null, tryItOutEnabled: true, persistAuthorization: true, docExpansion: 'list' });\n",
        ),
  );
  router.use(express.static(assets, { index: false, maxAge: '1h' }));
  return router;
}
