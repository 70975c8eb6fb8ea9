// What an api with further routes is built from: packages/demo is the only one.
export type { ApiDeps, ExtraRoutes } from './deps.ts';
export { clientOf } from './http/authenticate-client.ts';
export { Html, html } from './http/html.ts';
export { jsonBody } from './http/json-body.ts';
export { Problem } from './http/problem.ts';
export { bearer, byId, errorResponses, json } from './openapi/openapi-parts.ts';
export { findOwnPayment } from './payments/find-own-payment.ts';
export { startApi } from './start-api.ts';
