import type { Words } from '../words.ts';

/** The steps of `accounts prove`, in their order. */
export const stepNames = ['credentials', 'clock', 'mode', 'qris', 'charge', 'qr', 'cancel', 'webhook'] as const;
export type StepName = (typeof stepNames)[number];

/** Their names in Indonesian. */
export const stepWords: Readonly<Record<StepName, string>> = {
  credentials: 'kredensial',
  clock: 'jam',
  mode: 'mode',
  qris: 'QRIS',
  charge: 'tagihan',
  qr: 'QR',
  cancel: 'batal',
  webhook: 'webhook',
};

export interface ProofStep {
  step: StepName;
  /** `skipped`: it was not tried, because an earlier one failed, or because it is not possible. */
  verdict: 'proven' | 'failed' | 'skipped';
  /** What was observed. */
  detail: Words;
  /** What to do; null when nothing is to be done. */
  advice: Words | null;
}

/** Why an account does not work, and what to do. The name is for machines. */
export const causes = {
  wrong_key: {
    en: 'The provider does not know this key. Copy it again from the dashboard of this mode, then: ops -- accounts rotate.',
    id: 'Penyedia tidak mengenal kunci ini. Salin lagi dari dasbor mode ini, lalu ganti rahasia akun.',
  },
  wrong_mode: {
    en: 'The key belongs to the other mode. Use the key of this mode, or add the account again with the other --mode.',
    id: 'Kuncinya milik mode lain. Pakai kunci mode ini, atau tambahkan lagi akunnya dengan mode lain.',
  },
  callback_token_wrong: {
    en: 'The provider signs its webhooks with another secret. Copy the token from the dashboard of this mode, then: ops -- accounts rotate.',
    id: 'Penyedia menandatangani webhook dengan rahasia lain. Salin tokennya dari dasbor mode ini, lalu ganti rahasia akun.',
  },
  callback_not_registered: {
    en: 'The provider sent no webhook. Register the address that ops -- accounts show prints at the provider, for payments of QRIS, in this mode.',
    id: 'Penyedia tidak mengirim webhook. Daftarkan alamat webhook akun ini di penyedia, untuk pembayaran QRIS, dalam mode ini.',
  },
  address_unreachable: {
    en: 'The webhook address cannot be reached. Check PUBLIC_URL, its DNS name, the proxy and the firewall: the provider calls it from the internet.',
    id: 'Alamat webhook tidak terjangkau. Periksa PUBLIC_URL, nama DNS-nya, proxy, dan firewall: penyedia memanggilnya dari internet.',
  },
  address_tls: {
    en: 'The certificate of the webhook address is not accepted. Check that it is valid, complete with its chain, and for this name.',
    id: 'Sertifikat alamat webhook tidak diterima. Periksa apakah berlaku, lengkap dengan rantainya, dan untuk nama ini.',
  },
  address_not_ours: {
    en: 'PUBLIC_URL is not answered by this gateway, or its processes do not know the account: they need the same MASTER_KEYS.',
    id: 'PUBLIC_URL tidak dijawab oleh gerbang ini, atau prosesnya tidak mengenal akun ini: MASTER_KEYS-nya harus sama.',
  },
  provider_tls: {
    en: 'No TLS connection to the provider could be made. Check the base URL, the proxy, and NODE_EXTRA_CA_CERTS.',
    id: 'Koneksi TLS ke penyedia tidak bisa dibuat. Periksa alamat dasar, proxy, dan NODE_EXTRA_CA_CERTS.',
  },
  provider_unreachable: {
    en: 'The provider cannot be reached, or answers too slowly. Check the base URL, DNS, the firewall and the proxy of this machine.',
    id: 'Penyedia tidak terjangkau, atau menjawab terlalu lambat. Periksa alamat dasar, DNS, firewall, dan proxy mesin ini.',
  },
  qris_not_active: {
    en: 'QRIS is not activated for this account and mode. Apply for it in the dashboard, or ask the provider.',
    id: 'QRIS belum diaktifkan untuk akun dan mode ini. Ajukan di dasbor, atau tanyakan kepada penyedia.',
  },
  ip_not_allowed: {
    en: 'The provider refuses the address of this machine. Add it to the allow-list in the dashboard, or remove the list.',
    id: 'Penyedia menolak alamat mesin ini. Tambahkan ke daftar izin di dasbor, atau hapus daftarnya.',
  },
  clock_skewed: {
    en: 'The clocks differ. Turn on NTP on this machine.',
    id: 'Jamnya berbeda. Aktifkan NTP di mesin ini.',
  },
  wrong_acquirer: {
    en: 'Add the account again with an acquirer that is active for it: --acquirer.',
    id: 'Tambahkan lagi akunnya dengan acquirer yang aktif untuknya.',
  },
  sub_account_unknown: {
    en: 'The provider does not know the sub-account for this key. Check the id in the dashboard: --for-user-id.',
    id: 'Penyedia tidak mengenal sub-akun untuk kunci ini. Periksa id-nya di dasbor.',
  },
  rate_limited: {
    en: 'The provider limits the calls of this account. Wait some minutes, and ask what else uses the key.',
    id: 'Penyedia membatasi panggilan akun ini. Tunggu beberapa menit, dan cari tahu apa lagi yang memakai kuncinya.',
  },
  account_refused: {
    en: 'The provider refuses the account. Its dashboard, or its support, says why.',
    id: 'Penyedia menolak akun ini. Dasbornya, atau dukungannya, mengatakan mengapa.',
  },
  charge_failed: {
    en: 'The provider made no usable charge. Try again; if it stays so, ask its support with the time of this run.',
    id: 'Penyedia tidak membuat tagihan yang dapat dipakai. Coba lagi; bila tetap begitu, tanyakan kepada dukungannya dengan waktu percobaan ini.',
  },
  not_confirmed: {
    en: 'Run it again and confirm, or give --yes.',
    id: 'Jalankan lagi dan konfirmasikan.',
  },
} as const satisfies Record<string, Words>;

export type Cause = keyof typeof causes;

/** A step found the cause. */
export class NotProven extends Error {
  override readonly name = 'NotProven';
  readonly step: StepName;
  readonly reason: Cause;
  readonly detail: Words;

  constructor(step: StepName, reason: Cause, detail: Words) {
    super(detail.en);
    this.step = step;
    this.reason = reason;
    this.detail = detail;
  }
}
