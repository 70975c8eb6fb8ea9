import fc from 'fast-check';
import { news, operators, outside, time } from './around-the-till.ts';
import { guest, host, till } from './at-the-till.ts';

/** Everything that can happen between a till, a guest, two providers, the host, operators and time. */
export const steps = fc.oneof(...till, ...guest, ...host, ...news, ...outside, ...operators, ...time);
