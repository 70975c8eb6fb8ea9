/** The stores of the demo. The orders of `DPS-…` come by API; the others lie in the tables of the reference POS. */
export const stores = {
  'JKT-01': 'Senayan, Jakarta',
  'BDG-01': 'Dago, Bandung',
  'DPS-01': 'Sanur, Denpasar (API)',
  'DPS-02': 'Ubud, Gianyar (API)',
};

const requestedStore = new URLSearchParams(location.search).get('store') ?? '';

/** The store that the page follows: `?store=`, else the first one. */
export const storeId = requestedStore in stores ? requestedStore : 'JKT-01';

/** A public key that exists in demos only. The page of a real till holds no key: it calls the till's own server. */
export const demoKey = storeId.startsWith('DPS-') ? 'sk_test_till_demo' : 'sk_test_pos_demo';
