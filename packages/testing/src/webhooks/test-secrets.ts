import { sealedSecret } from '@gateway/shared/runtime';

/** The master key of tests, as `MASTER_KEYS` holds it. */
export const testMasterKey = 'test:QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUI=';
export const testMasterKeys = sealedSecret.masterKeysVariable().parse(testMasterKey);
/** The secret of every endpoint of the fixture. */
export const testSecret = `whsec_${Buffer.from('a secret of tests, 32 bytes long').toString('base64')}`;
