import type { Words } from '../words.ts';

export const paymentNotFound = (id: string): Words => ({ en: `payment ${id} not found`, id: `pembayaran ${id} tidak ditemukan` });
