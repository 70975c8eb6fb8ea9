import type { Texts } from './en.ts';

/** The texts of the console in Indonesian. */
export const id: Texts = {
  otherLanguage: 'English',
  product: 'Gerbang pembayaran QRIS',
  skip: 'Langsung ke konten',
  menu: 'Menu',
  overview: 'Ringkasan',
  queues: 'Antrean',
  notDone: 'Tidak berhasil',

  signIn: 'Masuk',
  signInLead: 'Konsol bagi petugas yang mengoperasikan gerbang ini.',
  signInWith: 'Masuk dengan akun organisasi',
  userName: 'Nama pengguna',
  password: 'Kata sandi',
  logOut: 'Keluar',
  wrongPassword: 'Nama dan kata sandi ini tidak cocok.',
  lockedOut: 'Terlalu banyak kata sandi salah untuk nama ini dari alamat ini. Coba lagi dalam {seconds} detik.',
  formTooOld: 'Formulir ini sudah kedaluwarsa. Coba lagi.',
  viewer: 'pengamat',
  operator: 'petugas',
  approver: 'penyetuju',
  admin: 'admin',
};
