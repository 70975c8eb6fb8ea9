/** A key and a certificate that no client trusts, made anew: no private key lies in the repository. */
export declare function selfSignedCertificate(): {
  key: string;
  cert: string;
};
//# sourceMappingURL=self-signed-certificate.d.ts.map
