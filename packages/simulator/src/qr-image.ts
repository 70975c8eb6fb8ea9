import QRCode from 'qrcode';

/** A PNG that a phone can scan from a screen: level M, a quiet zone of four modules. Made only when somebody asks. */
export const qrImage = (text: string): Promise<Buffer> =>
  QRCode.toBuffer(text, { type: 'png', errorCorrectionLevel: 'M', margin: 4, scale: 6 });
