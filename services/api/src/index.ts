// What packages/demo builds its api from: the product's api with further routes.
export type { ApiDeps, ExtraRoutes } from './app.ts';
export { clientOf, requireScope } from './http/authenticate-client.ts';
export { Html, html } from './http/html.ts';
export { jsonBody } from './http/json-body.ts';
export { Problem } from './http/problem.ts';
export { lookFiles } from './look/look.ts';
export { bearer, byId, errorResponses, json } from './openapi/openapi-parts.ts';
export { findOwnPayment } from './payments/find-own-payment.ts';
export { startApi } from './start-api.ts';
