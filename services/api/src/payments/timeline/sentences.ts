import type { CancelReason, eventReasons } from '@gateway/shared/payment';

export const languages = ['id', 'en'] as const;
export type Language = (typeof languages)[number];

export type Sentence = Readonly<Record<Language, string>>;

/** One key for each event type and reason; one key for an event type without reasons. A missing sentence does not compile. */
type EventKey = {
  [Type in keyof typeof eventReasons]: (typeof eventReasons)[Type] extends readonly []
    ? Type
    : `${Type} ${(typeof eventReasons)[Type][number]}`;
}[keyof typeof eventReasons];

export type PastKey = 'created' | `hidden ${CancelReason}` | EventKey;

/** The sentences of one closing event, by reason. The two parameters are the Indonesian and the English predicate. */
const closed = (idPredicate: string, enPredicate: string) => ({
  provider: { id: `Pembayaran ${idPredicate}; QR sudah ditutup.`, en: `The payment ${enPredicate}; its QR is closed.` },
  provider_unreachable: {
    id: `Pembayaran ${idPredicate} di sini. Penutupan QR belum terkonfirmasi, jadi tetap dipantau.`,
    en: `The payment ${enPredicate} here. The closing of its QR is not confirmed yet, so it is still monitored.`,
  },
  providers_unavailable: {
    id: `Pembayaran ${idPredicate}: QR tidak dapat dibuat saat itu.`,
    en: `The payment ${enPredicate}: no QR could be made at that moment.`,
  },
  expired_before_display: {
    id: `Pembayaran ${idPredicate}: waktunya habis sebelum QR tampil.`,
    en: `The payment ${enPredicate}: its time was over before a QR was on display.`,
  },
});
const expired = closed('kedaluwarsa', 'expired');
const cancelled = closed('dibatalkan', 'was cancelled');
const failed = closed('gagal', 'failed');

/** What happened. `{amount}`, `{received}`, `{issuer}`, `{order}` and `{refund}` are filled in. No sentence names a provider. */
export const past: Readonly<Record<PastKey, Sentence>> = {
  created: { id: 'Pembayaran {amount} untuk pesanan {order} diminta.', en: 'A payment of {amount} for order {order} was asked for.' },
  'hidden client': { id: 'Kasir membatalkan: QR tidak ditampilkan lagi.', en: 'The cashier cancelled: the QR is off display.' },
  'hidden replaced': {
    id: 'Pembayaran baru dibuat untuk pesanan ini: QR lama tidak ditampilkan lagi.',
    en: 'A new payment was made for this order: the old QR is off display.',
  },
  'hidden order_paid': {
    id: 'Pesanan sudah dibayar dengan QR lain: QR ini tidak ditampilkan lagi.',
    en: 'The order was paid with another QR: this one is off display.',
  },
  'hidden order_closed_elsewhere': {
    id: 'Pesanan tidak dapat dibayar lagi (sudah lunas, dibatalkan atau dihapus): QR tidak ditampilkan lagi.',
    en: 'The order can no longer be paid (it was settled, voided or deleted): the QR is off display.',
  },
  'hidden amount_changed': {
    id: 'Jumlah tagihan pesanan berubah: QR ini tidak ditampilkan lagi. Minta QR baru.',
    en: 'The order owes another amount now: this QR is off display. Ask for a new one.',
  },
  'hidden operator': {
    id: 'Petugas menutup pembayaran ini: QR tidak ditampilkan lagi.',
    en: 'An operator closed this payment: the QR is off display.',
  },
  'payment.pending': { id: 'QR tampil dan dapat dibayar.', en: 'The QR is on display and can be paid.' },
  'payment.paid': { id: 'Tamu membayar {received}{issuer}.', en: 'The guest paid {received}{issuer}.' },
  'payment.paid_late accept': {
    id: 'Uang {received}{issuer} datang terlambat dan diterima untuk pesanan ini.',
    en: 'The money, {received}{issuer}, came late and was accepted for this order.',
  },
  'payment.paid_late refund': {
    id: 'Uang {received}{issuer} datang terlambat; sesuai pengaturan toko, uang dikembalikan.',
    en: 'The money, {received}{issuer}, came late; by the store’s policy it is refunded.',
  },
  'payment.paid_late hold': {
    id: 'Uang {received}{issuer} datang terlambat; sesuai pengaturan toko, petugas yang memutuskan.',
    en: 'The money, {received}{issuer}, came late; by the store’s policy an operator decides.',
  },
  'payment.duplicate_paid': {
    id: 'Uang {received}{issuer} datang, tetapi pesanan sudah lunas: uang dikembalikan.',
    en: 'The money, {received}{issuer}, came, but the order was already paid: it is refunded.',
  },
  'payment.expired provider': expired.provider,
  'payment.expired provider_unreachable': expired.provider_unreachable,
  'payment.expired providers_unavailable': expired.providers_unavailable,
  'payment.expired expired_before_display': expired.expired_before_display,
  'payment.cancelled provider': cancelled.provider,
  'payment.cancelled provider_unreachable': cancelled.provider_unreachable,
  'payment.cancelled providers_unavailable': cancelled.providers_unavailable,
  'payment.cancelled expired_before_display': cancelled.expired_before_display,
  'payment.cancelled client': cancelled.provider,
  'payment.cancelled replaced': cancelled.provider,
  'payment.cancelled order_paid': cancelled.provider,
  'payment.cancelled order_closed_elsewhere': cancelled.provider,
  'payment.cancelled amount_changed': cancelled.provider,
  'payment.cancelled operator': cancelled.provider,
  'payment.failed provider': failed.provider,
  'payment.failed provider_unreachable': failed.provider_unreachable,
  'payment.failed providers_unavailable': failed.providers_unavailable,
  'payment.failed expired_before_display': failed.expired_before_display,
  'payment.review overpaid': {
    id: 'Tamu membayar lebih dari tagihan: petugas akan memeriksa.',
    en: 'The guest paid more than the bill: this payment needs review.',
  },
  'payment.review underpaid': {
    id: 'Tamu membayar kurang dari tagihan: petugas akan memeriksa.',
    en: 'The guest paid less than the bill: this payment needs review.',
  },
  'payment.review host_refused': {
    id: 'Uang sudah diterima, tetapi kasir (POS) menolak mencatatnya: petugas akan memeriksa.',
    en: 'The money was received, but the till refused to record it: this payment needs review.',
  },
  'payment.review paid_unconfirmed': {
    id: 'Pembayaran yang dilaporkan belum dapat dipastikan: QR ditutup dan terus diperiksa.',
    en: 'A reported payment is not confirmed yet: the QR is closed, and the payment is checked again.',
  },
  'payment.review paid_though_never_shown': {
    id: 'Uang datang lewat QR yang tidak pernah ditampilkan: petugas akan memeriksa.',
    en: 'Money came by a QR that was never on display: this payment needs review.',
  },
  'payment.review provider_contradicts': {
    id: 'Catatan penyedia pembayaran berbeda dengan catatan kami: petugas akan memeriksa.',
    en: "The payment provider's record differs from ours: this payment needs review.",
  },
  'payment.review unresolved_attempt': {
    id: 'Hasil satu percobaan QR belum dapat dipastikan: petugas akan memeriksa.',
    en: 'The result of one QR attempt could not be determined: this payment needs review.',
  },
  'refund.pending client': {
    id: 'Pengembalian {refund} diminta dan sedang berjalan.',
    en: 'A refund of {refund} was asked for and is under way.',
  },
  'refund.pending duplicate': {
    id: 'Pengembalian {refund} dimulai: pesanan terbayar dua kali.',
    en: 'A refund of {refund} has begun: the order was paid twice.',
  },
  'refund.pending late': {
    id: 'Pengembalian {refund} dimulai: uang datang terlambat.',
    en: 'A refund of {refund} has begun: the money came late.',
  },
  'refund.pending operator': { id: 'Pengembalian {refund} dimulai oleh petugas.', en: 'A refund of {refund} was begun by an operator.' },
  'refund.succeeded client': { id: '{refund} sudah dikembalikan kepada tamu.', en: '{refund} is back with the guest.' },
  'refund.succeeded duplicate': {
    id: 'Pembayaran ganda {refund} sudah dikembalikan kepada tamu.',
    en: 'The second payment, {refund}, is back with the guest.',
  },
  'refund.succeeded late': {
    id: 'Uang yang terlambat, {refund}, sudah dikembalikan kepada tamu.',
    en: 'The late money, {refund}, is back with the guest.',
  },
  'refund.succeeded operator': {
    id: '{refund} sudah dikembalikan kepada tamu oleh petugas.',
    en: '{refund} is back with the guest, by an operator.',
  },
  'refund.failed refund_window_over': {
    id: 'Pengembalian {refund} gagal: batas waktunya sudah lewat. Kembalikan dengan cara lain.',
    en: 'The refund of {refund} failed: its time is over. Pay it back another way.',
  },
  'refund.failed issuer_not_refundable': {
    id: 'Pengembalian {refund} gagal: aplikasi tamu tidak menerima pengembalian QRIS. Kembalikan dengan cara lain.',
    en: 'The refund of {refund} failed: the app that paid takes no QRIS refunds. Pay it back another way.',
  },
  'refund.failed partial_refund_not_supported': {
    id: 'Pengembalian {refund} gagal: pembayaran ini hanya dapat dikembalikan seluruhnya.',
    en: 'The refund of {refund} failed: this payment can only be refunded in full.',
  },
  'refund.failed refund_not_possible_yet': {
    id: 'Pengembalian {refund} gagal: belum diperbolehkan saat itu. Coba lagi nanti.',
    en: 'The refund of {refund} failed: it was not allowed yet. Try again later.',
  },
  'refund.failed refund_not_supported': {
    id: 'Pengembalian {refund} gagal: pembayaran ini tidak dapat dikembalikan lewat QRIS. Kembalikan dengan cara lain.',
    en: 'The refund of {refund} failed: this payment cannot be refunded by QRIS. Pay it back another way.',
  },
  'refund.failed refund_amount_exceeded': {
    id: 'Pengembalian {refund} gagal: melebihi sisa yang dapat dikembalikan.',
    en: 'The refund of {refund} failed: it is more than what is left.',
  },
  'refund.failed partial_refund_counts_exceeded': {
    id: 'Pengembalian {refund} gagal: sudah terlalu banyak pengembalian sebagian.',
    en: 'The refund of {refund} failed: there were too many refunds in part.',
  },
  'refund.failed insufficient_balance': {
    id: 'Pengembalian {refund} gagal: saldo toko tidak cukup. Isi saldo, lalu minta lagi.',
    en: "The refund of {refund} failed: the store's balance is too low. Top it up, then ask again.",
  },
  'refund.failed not_refundable': {
    id: 'Pengembalian {refund} gagal: pembayaran ini belum atau tidak dapat dikembalikan.',
    en: 'The refund of {refund} failed: this payment cannot be refunded, or not yet.',
  },
  'refund.failed not_found': {
    id: 'Pengembalian {refund} gagal: pembayarannya tidak ditemukan di penyedia. Petugas perlu memeriksa.',
    en: 'The refund of {refund} failed: the payment was not found where it was made. An operator must check.',
  },
  'refund.failed denied_by_bank': {
    id: 'Pengembalian {refund} gagal: ditolak oleh bank tamu. Kembalikan dengan cara lain.',
    en: "The refund of {refund} failed: the guest's bank declined it. Pay it back another way.",
  },
  'refund.failed account_blocked': {
    id: 'Pengembalian {refund} gagal: akun toko diblokir. Petugas perlu memeriksa.',
    en: "The refund of {refund} failed: the store's account is blocked. An operator must check.",
  },
  'refund.failed account_not_found': {
    id: 'Pengembalian {refund} gagal: akun tamu tidak ditemukan. Kembalikan dengan cara lain.',
    en: "The refund of {refund} failed: the guest's account was not found. Pay it back another way.",
  },
  'refund.failed duplicate': {
    id: 'Pengembalian {refund} gagal: dianggap pengulangan. Petugas perlu memeriksa.',
    en: 'The refund of {refund} failed: it was taken for a repeat. An operator must check.',
  },
  'refund.failed refused': {
    id: 'Pengembalian {refund} gagal: ditolak. Kembalikan dengan cara lain, atau coba lagi.',
    en: 'The refund of {refund} failed: it was refused. Pay it back another way, or try again.',
  },
  'refund.failed not_approved': {
    id: 'Pengembalian {refund} tidak disetujui. Uangnya tetap di toko.',
    en: 'The refund of {refund} was not approved. The money stays with the store.',
  },
  'order.paid': { id: 'Pesanan lunas dan diteruskan ke dapur.', en: 'The order is paid and was sent to the kitchen.' },
};

export const nextKeys = ['making', 'scan', 'cancelling', 'closing', 'review', 'watch', 'host', 'refund', 'approval'] as const;
export type NextKey = (typeof nextKeys)[number];

/** What happens next. `{time}` is filled in with the time at which it happens. */
export const upcoming: Readonly<Record<NextKey, Sentence>> = {
  making: { id: 'QR sedang dibuat.', en: 'The QR is being made.' },
  scan: { id: 'Menunggu tamu membayar. QR berlaku sampai {time}.', en: 'Waiting for the guest to pay. The QR is good until {time}.' },
  cancelling: {
    id: 'Pembatalan sedang dipastikan, paling lambat {time}.',
    en: 'The cancellation is being confirmed, by {time} at the latest.',
  },
  closing: {
    id: 'Waktunya habis: QR sedang ditutup, paling lambat {time}.',
    en: 'Its time is over: the QR is being closed, by {time} at the latest.',
  },
  review: { id: 'Petugas harus memeriksa dan memutuskan.', en: 'An operator must review and decide.' },
  watch: {
    id: 'Tidak dapat dibayar lagi. Uang yang masih datang akan terlihat; dipantau sampai {time}.',
    en: 'It can no longer be paid. Late money is detected: the payment is monitored until {time}.',
  },
  host: { id: 'Kasir (POS) sedang sibuk; dicatat lagi pada {time}.', en: 'The till is busy; recording is retried at {time}.' },
  refund: {
    id: 'Pengembalian menunggu kepastian; diperiksa lagi pada {time}.',
    en: 'The refund is not final yet; it is checked again at {time}.',
  },
  approval: { id: 'Pengembalian menunggu persetujuan orang kedua.', en: 'The refund waits for the approval of a second person.' },
};
