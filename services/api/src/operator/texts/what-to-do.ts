import { type DiscrepancyReason, discrepancyReasons } from '@gateway/shared/payment';
import type { Language } from './texts.ts';

/** What a person does about each kind of discrepancy, in short. docs/runbook.md has the long form. A missing one does not compile. */
const advice: Readonly<Record<DiscrepancyReason, Readonly<Record<Language, string>>>> = {
  overpaid: {
    en: 'Give the rest back: in cash, or as a refund of that amount. Then close.',
    id: 'Kembalikan kelebihannya: tunai, atau sebagai pengembalian dana. Lalu tutup.',
  },
  underpaid: {
    en: 'Let the guest pay the rest another way, or refund what was paid. Closing cancels the payment.',
    id: 'Minta tamu membayar sisanya dengan cara lain, atau kembalikan yang sudah dibayar. Menutup akan membatalkan pembayaran.',
  },
  paid_unconfirmed: {
    en: 'Look at the provider’s dashboard. Not paid: close, and the payment is cancelled. Paid: replay the webhook.',
    id: 'Lihat dasbor penyedia. Belum dibayar: tutup, dan pembayaran dibatalkan. Sudah dibayar: putar ulang webhook.',
  },
  paid_though_never_shown: {
    en: 'Find out where this QR was shown: an old device, a copied link. Then close.',
    id: 'Cari tahu di mana QR ini ditampilkan: perangkat lama, tautan yang disalin. Lalu tutup.',
  },
  host_refused: {
    en: 'The POS refused to record it. Record it there by hand, or refund it. Then close.',
    id: 'POS menolak mencatatnya. Catat di sana secara manual, atau kembalikan dananya. Lalu tutup.',
  },
  provider_contradicts: {
    en: 'Compare both sides. A refund at the dashboard: record it at the till. Otherwise settle it with the provider. Then close.',
    id: 'Bandingkan kedua sisi. Pengembalian di dasbor: catat di kasir. Selain itu selesaikan dengan penyedia. Lalu tutup.',
  },
  unresolved_attempt: {
    en: 'Look for the transaction id at the dashboard. If it is open, cancel it there. Then close.',
    id: 'Cari id transaksi di dasbor. Bila masih terbuka, batalkan di sana. Lalu tutup.',
  },
  late_money_held: {
    en: 'The money came late, and the store keeps it for you to decide: record it at the till, or refund it. Then close.',
    id: 'Uang datang terlambat, dan gerai menunggu keputusan Anda: catat di kasir, atau kembalikan. Lalu tutup.',
  },
  refund_failed: {
    en: 'Top up the balance and refund again, or pay the guest another way. Then close.',
    id: 'Isi saldo lalu kembalikan lagi, atau bayar tamu dengan cara lain. Lalu tutup.',
  },
  refund_unconfirmed: {
    en: 'Look for the refund at the dashboard. There: “found”. Not there: “request again”. It closes automatically.',
    id: 'Cari pengembalian di dasbor. Ada: “ditemukan”. Tidak ada: “minta lagi”. Selisih tertutup otomatis.',
  },
  host_refused_refund: {
    en: 'The money is with the guest. Record the refund at the till. Then close.',
    id: 'Uang sudah di tamu. Catat pengembaliannya di kasir. Lalu tutup.',
  },
  host_not_told: {
    en: 'Correct the host, which then answers and closes this; or close the host write under parked work.',
    id: 'Perbaiki host, lalu ia menjawab dan menutup ini; atau tutup tulisan ke host di pekerjaan tertahan.',
  },
  account_not_configured: {
    en: 'Configure the account again until its payments are settled, or look for the transaction id at its dashboard. Then close.',
    id: 'Konfigurasikan lagi akunnya sampai pembayarannya selesai, atau cari id transaksi di dasbornya. Lalu tutup.',
  },
  qr_amount: {
    en: 'The provider’s QR has another amount; it was never shown. Report it to the provider with the transaction id. Then close.',
    id: 'QR penyedia memuat jumlah lain; tidak pernah ditampilkan. Laporkan ke penyedia dengan id transaksinya. Lalu tutup.',
  },
  qr_crc: {
    en: 'The provider’s QR is damaged; it was never shown. Report it to the provider. Then close.',
    id: 'QR penyedia rusak; tidak pernah ditampilkan. Laporkan ke penyedia. Lalu tutup.',
  },
  qr_currency: {
    en: 'The provider’s QR is not in rupiah; it was never shown. Report it to the provider. Then close.',
    id: 'QR penyedia bukan dalam rupiah; tidak pernah ditampilkan. Laporkan ke penyedia. Lalu tutup.',
  },
  qr_country: {
    en: 'The provider’s QR is for another country; it was never shown. Report it to the provider. Then close.',
    id: 'QR penyedia untuk negara lain; tidak pernah ditampilkan. Laporkan ke penyedia. Lalu tutup.',
  },
  qr_unparseable: {
    en: 'The provider’s QR cannot be read. For every charge: is this a test account in live mode? Otherwise report it. Then close.',
    id: 'QR penyedia tidak bisa dibaca. Pada setiap tagihan: apakah ini akun uji dalam mode live? Jika tidak, laporkan. Lalu tutup.',
  },
};

export function whatToDo(reason: string, lang: Language): string {
  const known = discrepancyReasons.find((each) => each === reason);
  return known ? advice[known][lang] : '–';
}
